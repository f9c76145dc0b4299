/// Why a ServiceAccount's annotations are not known. Each becomes the sentence of a denial.
public enum ServiceAccountError: Error, Equatable, Sendable {
    /// Namespace or name cannot be those of a ServiceAccount; the apiserver was not asked.
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
    case notConfigured(String)

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
        case .unreachable(let reason), .notConfigured(let reason): reason
        case .status(let code): "HTTP status \(code)"
        default: ""
        }
    }

    /// The HTTP code of the denial: 4xx where trying again without a change is in vain.
    var denialCode: Int {
        switch self {
        case .invalidName, .notFound: 400
        case .forbidden, .unauthorized, .malformedAnswer, .notConfigured: 500
        case .timeout, .unreachable, .status: 503
        }
    }

    /// The sentence of the denial.
    func sentence(namespace: String, name: String) -> String {
        let account = "ServiceAccount '\(name)' in namespace '\(namespace)'"
        let identity = "the pod's Azure identity stands in its annotations"
        switch self {
        case .invalidName:
            return "spec.serviceAccountName: '\(name)' in namespace '\(namespace)' cannot be a ServiceAccount; "
                + "accepted: lower case letters, digits, '-' and '.'"
        case .notFound:
            return "\(account) does not exist and \(identity); create it before the pod, or name another in "
                + "spec.serviceAccountName"
        case .forbidden:
            return "Latchkey may not read \(account), and \(identity); grant its own ServiceAccount the verb 'get' on "
                + "'serviceaccounts' (API group \"\") with a ClusterRole, or with a Role in that namespace"
        case .unauthorized:
            return "Latchkey cannot read \(account): the apiserver does not accept Latchkey's own token; look at "
                + "kubernetes.tokenFile in its configuration and at its log"
        case .timeout:
            return "Latchkey cannot read \(account): the apiserver did not answer in time; try again"
        case .unreachable(let reason):
            return
                "Latchkey cannot read \(account): \(reason); try again, and if it stays so look at kubernetes.url and "
                + "kubernetes.caFile in its configuration"
        case .status(let code):
            return "Latchkey cannot read \(account): the apiserver answered with HTTP status \(code); try again"
        case .malformedAnswer:
            return "Latchkey cannot read \(account): what answers at kubernetes.url is no Kubernetes apiserver"
        case .notConfigured(let reason):
            return "Latchkey cannot read \(account): \(reason)"
        }
    }
}
