/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    /// Where: a key path such as `server.drainTimeout`, or a flag such as `--address`.
    public let key: String
    /// What was found and what is accepted.
    public let message: String

    /// A problem.
    public init(key: String, message: String) {
        self.key = key
        self.message = message
    }

    /// One sentence.
    public var description: String { key.isEmpty ? message : "\(key): \(message)" }
}

/// Everything that is wrong with a configuration, at once; never empty.
public struct ConfigurationProblems: Error, Sendable, Equatable, CustomStringConvertible {
    /// The problems, in the order of the file.
    public let problems: [ConfigurationProblem]

    /// Problems.
    public init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// A line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
