public import SecretSpec

/// Why one file of a plan has no content.
public struct ResolveFailure: Error, Sendable, CustomStringConvertible {
    /// The annotation or other place that asked for the file.
    public let source: String
    /// What was asked for.
    public let reference: SecretReference
    /// What went wrong.
    public let error: VaultError

    /// A failure.
    public init(source: String, reference: SecretReference, error: VaultError) {
        self.source = source
        self.reference = reference
        self.error = error
    }

    /// One line: source, reference, sentence.
    public var description: String { "\(source): \(reference): \(error)" }
}

/// Every failure of one resolution, in the order of the plan's files; at least one.
public struct ResolveFailures: Error, Sendable {
    /// The first failure.
    public let first: ResolveFailure
    /// All failures.
    public let all: [ResolveFailure]

    /// One failure alone.
    init(_ failure: ResolveFailure) {
        first = failure
        all = [failure]
    }

    /// Nil for no failure.
    public init?(_ failures: [ResolveFailure]) {
        guard let first = failures.first else { return nil }
        self.first = first
        all = failures
    }
}
