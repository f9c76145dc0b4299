/// What webhook and agent must know of a backend without being able to reach it: its grammar.
public struct BackendDescriptor: Sendable {
    /// The scheme of its references.
    public let scheme: String
    /// What a reference looks like, for messages and documentation.
    public let form: String
    /// The rules that go beyond the grammar all references share.
    let validate: @Sendable (SecretReference) throws(ReferenceProblem) -> Void

    /// Every backend. A new one adds its line here and one in VaultClient's registry.
    public static let all: [BackendDescriptor] = [.azureKeyVault]

    /// The backend of a scheme.
    public static func named(_ scheme: String) -> BackendDescriptor? {
        all.first { $0.scheme == scheme }
    }
}
