extension VaultError {
    /// Whether a vault or its login answered that the secret, or the right to read it, is gone: what the policy
    /// `latchkey.dev/on-revoked` is for. Nothing that passes by itself is one.
    public var isRevocation: Bool {
        switch kind {
        case .loginRefused, .unauthenticated, .forbidden, .firewall, .notFound, .disabled, .deleted: !isTransient
        default: false
        }
    }
}
