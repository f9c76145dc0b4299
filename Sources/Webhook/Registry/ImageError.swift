/// Why an image's command is not known. Each becomes the sentence of a denial; none holds a credential.
public enum ImageError: Error, Equatable, Sendable {
    /// What an answer was meant to be.
    public enum Part: String, Sendable {
        case manifest
        case configuration
        case token
        case challenge
    }

    /// The reference cannot be read.
    case reference(ImageReferenceProblem)
    /// The operator did not list the registry.
    case notListed(host: String)
    case notFound
    /// 401 or 403.
    case denied(status: Int)
    /// Credentials are wanted by a host that is not listed.
    case realmRefused(host: String?)
    /// A blob is at a host that is not listed.
    case redirectRefused(host: String?)
    case manifestRedirected(host: String?)
    case unreachable(String)
    /// There is something, and it is not trusted.
    case tls(String)
    case timeout
    /// Too many look-ups at one time, or within a short time.
    case busy
    /// Only what is known already was asked for.
    case notCached
    case throttled
    /// Another status than the ones above.
    case status(Int)
    case tooLarge
    case malformedAnswer(Part)
    case digestMismatch(Part)
    /// Docker's first manifest format.
    case schema1
    /// Something else than an image lies there.
    case notAnImage
    case nestedIndex
    case tooManyPlatforms
    /// The image is for none of the platforms that the pod can be scheduled to.
    case noPlatform
    /// Two platforms' images run something different.
    case differentCommands(String, String)
    /// The operator's CA file cannot be read.
    case caFile(String)

    /// The metric's label.
    var outcome: String {
        switch self {
        case .reference: "bad-reference"
        case .notListed: "not-listed"
        case .notFound: "not-found"
        case .denied: "denied"
        case .realmRefused, .redirectRefused, .manifestRedirected: "refused"
        case .unreachable: "unreachable"
        case .tls: "tls"
        case .timeout: "timeout"
        case .busy: "busy"
        case .notCached: "not-cached"
        case .throttled: "throttled"
        case .status: "error"
        case .tooLarge, .malformedAnswer, .digestMismatch, .schema1, .notAnImage, .nestedIndex, .tooManyPlatforms:
            "malformed"
        case .noPlatform, .differentCommands: "platform"
        case .caFile: "ca-file"
        }
    }

    /// Whether another try may succeed without anybody changing anything.
    public var isTransient: Bool {
        switch self {
        case .unreachable, .timeout, .busy, .throttled: true
        case .status(let status): status >= 500
        default: false
        }
    }

    /// Whether another credential could lead further.
    var mayBeAnotherCredentials: Bool {
        switch self {
        // Some registries hide what a reader may not see.
        case .denied, .notFound: true
        default: false
        }
    }
}
