internal import SecretSpec

/// Puts secrets into templates. What is written lies in memory that is overwritten.
struct TemplateRenderer {
    /// The longest text that is written, in bytes: a short template can name a long secret very often.
    static let maximumBytes = 4 << 20

    /// What is written so far.
    let output = SecretBuffer()
    /// What went wrong, each reference's fault once.
    private(set) var failures: [(reference: SecretReference, error: VaultError)] = []

    private let content: (SecretReference) throws(VaultError) -> SecretContent
    /// What was asked for already; picking a field out of a long JSON text takes time.
    private var known: [SecretReference: Result<SecretContent, VaultError>] = [:]

    /// - Parameter content: what a reference points to.
    init(content: @escaping (SecretReference) throws(VaultError) -> SecretContent) {
        self.content = content
    }

    /// Writes a template behind what is written. After a failure only further failures are looked for.
    mutating func render(_ template: Template) {
        for piece in template.pieces {
            switch piece {
            case .text(let text): output.append(text)
            case .secret(let reference, let filter): put(reference, filter)
            }
        }
    }

    private mutating func put(_ reference: SecretReference, _ filter: Template.Filter?) {
        let result = known[reference] ?? Result { () throws(VaultError) in try content(reference) }
        known[reference] = result
        do throws(VaultError) {
            guard output.count <= Self.maximumBytes else {
                throw VaultError(
                    .tooLarge, "the text would be longer than \(Self.maximumBytes >> 20) MiB; split the template")
            }
            try output.append(try result.get(), through: filter)
        } catch {
            guard !failures.contains(where: { $0.reference == reference && $0.error == error }) else { return }
            failures.append((reference, error))
        }
    }
}
