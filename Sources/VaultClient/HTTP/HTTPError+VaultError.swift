extension HTTPError {
    /// The sentence for a fault on the way to a service.
    /// - Parameters:
    ///   - service: what was asked, e.g. `vault shop`.
    ///   - remedy: where its address comes from, for a name that DNS does not know.
    func vaultError(service: String, remedy: String) -> VaultError {
        VaultError(kind, "\(service) cannot be asked: \(sentence(remedy))", isTransient: isTransient)
    }

    private func sentence(_ remedy: String) -> String {
        guard case .unknownHost(_, true) = self else { return description }
        return "\(self); \(remedy)"
    }

    private var kind: VaultError.Kind {
        switch self {
        case .invalidRequest, .refused: .notConfigured
        case .trustStore, .tls: .tls
        case .unknownHost, .unknownProxy: .unknownHost
        case .notConnected, .notConnectedByProxy, .proxyRefused, .connectionLost: .connection
        case .timeout: .timeout
        case .tooLarge: .tooLarge
        case .redirected: .redirected
        case .malformed: .malformedAnswer
        case .cancelled, .shutDown: .cancelled
        }
    }
}
