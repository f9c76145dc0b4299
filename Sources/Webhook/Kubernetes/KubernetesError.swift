/// Why the apiserver did not tell what it was asked.
public enum KubernetesError: Error, Equatable, Sendable {
    /// Namespace or name cannot be those of an object; the apiserver was not asked.
    case invalidName
    case notFound
    /// 403: the webhook lacks the right.
    case forbidden
    /// 401: the webhook's own token was not accepted, or cannot be read.
    case unauthorized
    case timeout
    case unreachable(String)
    /// Another status than the ones above.
    case status(Int)
    case malformedAnswer
    /// The webhook runs without a way to ask.
    case notConfigured

    static let notConfiguredReason = "it runs outside of a cluster and its configuration has no kubernetes.url"

    /// The metric's label.
    var outcome: String {
        switch self {
        case .invalidName: "invalid-name"
        case .notFound: "not-found"
        case .forbidden: "forbidden"
        case .unauthorized: "unauthorized"
        case .timeout: "timeout"
        case .unreachable: "unreachable"
        case .status: "error"
        case .malformedAnswer: "malformed"
        case .notConfigured: "not-configured"
        }
    }

    /// What the log says beside the outcome.
    var detail: String {
        switch self {
        case .unreachable(let reason): reason
        case .notConfigured: KubernetesError.notConfiguredReason
        case .status(let code): "HTTP status \(code)"
        default: ""
        }
    }

    /// Whether the next try may succeed though nobody has changed anything.
    var isTransient: Bool {
        switch self {
        case .timeout, .unreachable, .status: true
        case .invalidName, .notFound, .forbidden, .unauthorized, .malformedAnswer, .notConfigured: false
        }
    }
}
