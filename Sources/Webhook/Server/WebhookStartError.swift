/// Why the webhook does not start.
public enum WebhookStartError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The certificate files do not serve.
    case certificate(String)
    /// An address cannot be listened on.
    case bind(key: String, address: String, reason: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .certificate(let problem): "server.tls: \(problem)"
        case .bind(let key, let address, let reason): "\(key): cannot listen on \(address): \(reason)"
        }
    }
}
