import JSON

/// A signal by its name, as signal(7) has it.
public struct Signal: Sendable, Hashable, CustomStringConvertible {
    /// Its number on Linux (x86-64 and arm64 alike).
    public let number: Int32
    /// E.g. `SIGHUP`.
    public let name: String

    /// What is accepted, for messages.
    public static let accepted = "a signal's name such as SIGHUP or SIGUSR1"

    /// Nil where the name is no signal's, or one that no process can be asked to obey (SIGSTOP).
    public init?(name: String) {
        guard let number = Self.numbers.first(where: { $0.0.isSameText(as: name) })?.1 else { return nil }
        self.name = name
        self.number = number
    }

    /// The name.
    public var description: String { name }

    private static let numbers: [(String, Int32)] = [
        ("SIGHUP", 1), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGABRT", 6), ("SIGKILL", 9), ("SIGUSR1", 10),
        ("SIGUSR2", 12), ("SIGPIPE", 13), ("SIGALRM", 14), ("SIGTERM", 15), ("SIGCHLD", 17), ("SIGCONT", 18),
        ("SIGTSTP", 20), ("SIGTTIN", 21), ("SIGTTOU", 22), ("SIGURG", 23), ("SIGXCPU", 24), ("SIGXFSZ", 25),
        ("SIGVTALRM", 26), ("SIGPROF", 27), ("SIGWINCH", 28), ("SIGIO", 29), ("SIGPWR", 30), ("SIGSYS", 31),
    ]
}
