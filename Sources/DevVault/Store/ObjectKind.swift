/// The three collections of a vault.
enum ObjectKind: String, CaseIterable, Sendable {
    case secrets
    case keys
    case certificates

    /// As in `SecretNotFound`.
    var noun: String {
        switch self {
        case .secrets: "Secret"
        case .keys: "Key"
        case .certificates: "Certificate"
        }
    }

    /// As in a sentence.
    var word: String { noun.lowercased() }
}
