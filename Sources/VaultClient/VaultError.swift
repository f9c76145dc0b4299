/// Everything that can go wrong between a reference and its bytes: a closed kind for decisions and one sentence for
/// people. The sentence names what to do and never holds a value, a token or text that a server chose.
public struct VaultError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is; programs decide by this and never by the sentence. The raw value may label a metric.
    public enum Kind: String, Sendable, CaseIterable {
        /// The plan does not say how this vault is reached.
        case notConfigured = "not_configured"
        /// The projected service-account token is missing, empty, expired or no token.
        case serviceAccountToken = "service_account_token"
        /// The identity service refused the login.
        case loginRefused = "login_refused"
        /// The vault does not accept the token that the login gave.
        case unauthenticated
        /// The vault asks for a token of another tenant or another service.
        case challengeRefused = "challenge_refused"
        /// The identity lacks the right.
        case forbidden
        /// The vault's network rules refuse the caller.
        case firewall
        /// There is no such object.
        case notFound = "not_found"
        /// The object is switched off.
        case disabled
        /// The object was deleted, finally or so that it can be recovered.
        case deleted
        /// The object's expiry has passed.
        case expired
        /// The object's activation lies ahead.
        case notYetValid = "not_yet_valid"
        /// Too many requests.
        case throttled
        /// The service answers that it cannot answer now.
        case unavailable
        /// No answer in time.
        case timeout
        /// No connection, or it broke.
        case connection
        /// The host's name is not known.
        case unknownHost = "unknown_host"
        /// No trustworthy TLS connection.
        case tls
        /// The server wants the request elsewhere; credentials do not follow.
        case redirected
        /// The answer is not what the protocol says.
        case malformedAnswer = "malformed_answer"
        /// The answer is larger than is taken.
        case tooLarge = "too_large"
        /// The object has no such field, or no fields at all.
        case field
        /// The object's content is not what the reference says it is.
        case content
        /// The caller gave up.
        case cancelled
    }

    /// The kind of fault.
    public let kind: Kind
    /// Whether another try may succeed without anybody changing anything.
    public let isTransient: Bool
    /// How long the server asked to be left alone.
    public let retryAfter: Duration?
    /// One sentence.
    public let description: String

    /// An error.
    public init(_ kind: Kind, _ sentence: String, isTransient: Bool = false, retryAfter: Duration? = nil) {
        self.kind = kind
        self.isTransient = isTransient
        self.retryAfter = retryAfter
        description = sentence
    }
}
