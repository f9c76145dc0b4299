import VaultClient

/// Why the containers' environments cannot be written: everything that was found; at least one thing.
struct EnvironmentProblems: Error, Sendable {
    /// Values that cannot be resolved.
    private(set) var failures: [ResolveFailure] = []
    /// Everything else, one sentence each, which begins with the place.
    private(set) var sentences: [String] = []

    var isEmpty: Bool { failures.isEmpty && sentences.isEmpty }

    mutating func add(_ sentence: String) {
        if !sentences.contains(sentence) { sentences.append(sentence) }
    }

    mutating func add(_ more: [ResolveFailure]) { failures += more }

    mutating func add(_ more: EnvironmentProblems) {
        add(more.failures)
        more.sentences.forEach { add($0) }
    }
}

extension AgentFailure {
    /// Nothing could be made of what was fetched.
    init(_ files: [ResolveFailure], _ environments: EnvironmentProblems) {
        let failures = ResolveFailures(files + environments.failures).map { AgentFailure($0) }
        // A sentence is about what a person wrote: no trying again helps.
        let code: ExitCode = environments.sentences.isEmpty ? failures?.exitCode ?? .plan : .plan
        self.init(code, (failures?.sentences ?? []) + environments.sentences)
    }
}
