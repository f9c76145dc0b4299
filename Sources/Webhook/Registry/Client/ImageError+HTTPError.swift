import VaultClient

extension ImageError {
    /// The error for a fault on the way to a registry.
    init(_ error: HTTPError) {
        self =
            switch error {
            case .timeout, .cancelled: .timeout
            case .tooLarge: .tooLarge
            case .tls(let host, .untrusted):
                .tls("no trusted CA vouches for the certificate of \(host); name its CA in the registry's 'caFile'")
            case .tls(let host, .handshake):
                .tls("TLS with \(host) failed: no common version or cipher, or no TLS at all ('plainHTTP')")
            case .tls: .tls(error.description)
            default: .unreachable(error.description)
            }
    }
}
