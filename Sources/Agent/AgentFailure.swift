/// Why the agent gives up: nothing was published.
struct AgentFailure: Error, Equatable, Sendable {
    let exitCode: ExitCode
    /// One for each thing that failed; at least one.
    let sentences: [String]

    init(_ exitCode: ExitCode, _ sentence: String) {
        self.init(exitCode, [sentence])
    }

    init(_ exitCode: ExitCode, _ sentences: [String]) {
        self.exitCode = exitCode
        self.sentences = sentences
    }
}
