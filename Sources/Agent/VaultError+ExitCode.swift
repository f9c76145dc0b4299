import VaultClient

extension ExitCode {
    /// The exit status that a failed fetch asks for.
    init(_ error: VaultError) {
        if error.isTransient {
            self = .unavailable
            return
        }
        switch error.kind {
        case .notConfigured: self = .plan
        case .serviceAccountToken, .loginRefused, .unauthenticated, .challengeRefused: self = .identity
        case .throttled, .unavailable, .timeout, .connection, .unknownHost, .cancelled: self = .unavailable
        case .forbidden, .firewall, .notFound, .disabled, .deleted, .expired, .notYetValid, .tls, .redirected,
            .malformedAnswer, .tooLarge, .field, .content:
            self = .refused
        }
    }
}
