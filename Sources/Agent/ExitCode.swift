/// How the agent ends. `latchkey-agent --help` prints this list.
public enum ExitCode: Int32, CaseIterable, Sendable {
    case success = 0
    case system = 1
    case usage = 2
    case plan = 3
    case identity = 4
    case refused = 5
    case unavailable = 6
    case write = 7
    case terminated = 143

    /// What it says, and whether trying again can help.
    public var meaning: String {
        switch self {
        case .success: "every file is written ('init', 'ready'); a signal ended it in good order ('refresh')"
        case .system: "the kernel refused something that a process needs; with 'ready', no file is written yet"
        case .usage: "the command line is wrong"
        case .plan: "the plan is missing or unusable, or two of its files have one path"
        case .identity: "the service-account token is missing or unusable, or the login was refused"
        case .refused:
            "a vault has no such secret, refuses it or is not trusted, or the secret is not what the plan says"
        case .unavailable: "a vault or its login did not answer before the start deadline; trying again may help"
        case .write: "the files cannot be written to the volume"
        case .terminated: "SIGTERM or SIGINT ended it before the files were written"
        }
    }
}
