internal import Glibc

extension ServiceAccountToken {
    /// Why the file gives no token that could be sent.
    enum Problem: Error, Equatable, Sendable {
        case unreadable(path: String, errno: Int32)
        case empty(path: String)
        case malformed(path: String)
        /// It ended so many seconds ago.
        case expired(path: String, seconds: Int)
    }
}

extension ServiceAccountToken.Problem {
    /// The sentence. An expired token may be replaced by the kubelet at any moment; nothing else mends itself.
    var vaultError: VaultError {
        switch self {
        case .unreadable(let path, ENOENT):
            VaultError(
                .serviceAccountToken,
                "the service-account token file \(path) does not exist; the pod must be created through the webhook, "
                    + "which adds the projected token volume")
        case .unreadable(let path, EACCES):
            VaultError(
                .serviceAccountToken,
                "the service-account token file \(path) may not be read by this user; the pod's fsGroup or runAsUser "
                    + "must let the agent read its projected token")
        case .unreadable(let path, let code):
            VaultError(.serviceAccountToken, "the service-account token file \(path) cannot be read (errno \(code))")
        case .empty(let path):
            VaultError(.serviceAccountToken, "the service-account token file \(path) is empty")
        case .malformed(let path):
            VaultError(
                .serviceAccountToken, "the service-account token file \(path) holds no JSON Web Token with an expiry")
        case .expired(let path, let seconds):
            VaultError(
                .serviceAccountToken,
                "the service-account token in \(path) expired \(seconds) s ago and was not sent; the kubelet renews it "
                    + "in time unless it cannot reach the apiserver or this node's clock is wrong", isTransient: true)
        }
    }
}
