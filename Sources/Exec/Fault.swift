import CExec

/// Why the command was not started. The sentences hold no value of a variable.
enum Fault: Error {
    /// The sentence says what is wrong with the command line.
    case usage(StaticString)
    case noMemory
    /// Opening or reading the environment file failed with this errno.
    case file(errno: Int)
    case fileNotRegular
    case fileTooLarge
    /// What is wrong with the environment file.
    case fileDamaged(StaticString)
    /// A reference to a secret would be left. The sentence goes on from the place.
    case reference(Substitution.Place, StaticString)
    case commandNotInPath
    /// An entry of PATH that is relative, or empty, leads to the command.
    case commandInRelativePath
    /// execve failed with this errno.
    case execution(errno: Int)
    /// execve said that something is missing though the command is there.
    case interpreterMissing
    case commandIsDirectory
}

extension Fault {
    var exitCode: ExitCode {
        switch self {
        case .usage: .usage
        case .noMemory: .system
        case .file: .fileMissing
        case .fileNotRegular, .fileTooLarge, .fileDamaged: .fileUnusable
        case .reference: .unresolved
        case .commandNotInPath: .commandNotFound
        case .commandInRelativePath, .commandIsDirectory, .interpreterMissing: .cannotExecute
        case .execution(let errno): Self.exitCode(ofExecution: errno)
        }
    }

    private static func exitCode(ofExecution errno: Int) -> ExitCode {
        switch CUnsignedInt(truncatingIfNeeded: errno) {
        case LK_E2BIG.rawValue: .tooLarge
        case LK_ENOENT.rawValue, LK_ENOTDIR.rawValue: .commandNotFound
        case LK_ENOMEM.rawValue: .system
        default: .cannotExecute
        }
    }
}
