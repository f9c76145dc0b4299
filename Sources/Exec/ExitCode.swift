/// How `latchkey-exec` ends where it could not start the command; once the command runs, the status is the command's.
/// `latchkey-exec --help` prints this list. 126 and 127 are what shells and env(1) use; the others lie beside them,
/// where applications seldom have codes of their own.
enum ExitCode: CInt {
    case success = 0
    case unresolved = 120
    case usage = 121
    case fileMissing = 122
    case fileUnusable = 123
    case tooLarge = 124
    case system = 125
    case cannotExecute = 126
    case commandNotFound = 127

    var meaning: StaticString {
        switch self {
        case .success: "help or the version was printed"
        case .unresolved: "a reference to a secret is left in the environment or the command"
        case .usage: "the command line is wrong, or holds no command"
        case .fileMissing: "the environment file is not there or not readable"
        case .fileUnusable: "the environment file is cut short, damaged, too large or of another release"
        case .tooLarge: "the kernel refuses so large an environment"
        case .system: "the kernel refused something that a process needs"
        case .cannotExecute: "the command is there and cannot be executed"
        case .commandNotFound: "the command was not found"
        }
    }
}
