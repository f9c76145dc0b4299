import CExec

extension Fault {
    /// The sentence.
    /// - Parameters:
    ///   - file: the environment file's path, where the command line has one.
    ///   - command: the command, where it may be shown: not if a variable's value is part of it.
    func describe(in sentence: inout Sentence, file: Bytes?, command: Bytes?) {
        switch self {
        case .usage(let problem):
            sentence.say(problem)
            sentence.say("; see latchkey-exec --help")
        case .noMemory:
            sentence.say("the kernel gives no memory: raise the container's memory limit")
        case .file(let errno):
            sentence.say("the environment file ")
            sentence.quote(file)
            sentence.say(" cannot be read (")
            sentence.say(errno: errno)
            sentence.say(Self.remedy(ofFile: errno))
        case .fileNotRegular:
            sentence.say("the environment file ")
            sentence.quote(file)
            sentence.say(" is no regular file: name the file that latchkey-agent writes")
        case .fileTooLarge:
            sentence.say("the environment file ")
            sentence.quote(file)
            sentence.say(" is larger than 2 MiB: deliver large secrets as files")
        case .fileDamaged(let problem):
            sentence.say("the environment file ")
            sentence.quote(file)
            sentence.say(" is not usable, ")
            sentence.say(problem)
            sentence.say(": use latchkey-exec and latchkey-agent of one release, and see the agent's log")
        case .reference(let place, let problem):
            Self.name(place, in: &sentence)
            sentence.say(problem)
        case .commandNotInPath, .commandInRelativePath, .execution, .interpreterMissing, .commandIsDirectory:
            sentence.say("the command ")
            sentence.quote(command)
            describeCommandFault(in: &sentence)
        }
    }

    private static func name(_ place: Substitution.Place, in sentence: inout Sentence) {
        switch place {
        case .variable(let name):
            sentence.say("the variable ")
            sentence.quote(name)
        case .argument(let number) where number == 0:
            sentence.say("the command")
        case .argument(let number):
            sentence.say("argument ")
            sentence.say(number: number)
        }
    }

    private func describeCommandFault(in sentence: inout Sentence) {
        switch self {
        case .commandNotInPath:
            sentence.say(" is no executable file in any directory of PATH: correct the command or PATH")
        case .commandInRelativePath:
            sentence.say(
                " is found through a relative entry of PATH, which container runtimes refuse: make it absolute")
        case .commandIsDirectory:
            sentence.say(" is a directory: name an executable file")
        case .interpreterMissing:
            sentence.say(" needs an interpreter or a dynamic loader that is not in the image: add it to the image")
        case .execution(let errno):
            sentence.say(" cannot be executed (")
            sentence.say(errno: errno)
            sentence.say(Self.remedy(ofExecution: errno))
        default:
            break
        }
    }

    private static func remedy(ofFile errno: Int) -> StaticString {
        switch CUnsignedInt(truncatingIfNeeded: errno) {
        case LK_ENOENT.rawValue: "): latchkey-agent has not written it, see its log"
        case LK_EACCES.rawValue, LK_EPERM.rawValue: "): state the application's uid in the pod, so that it may read it"
        default: "): see the log of latchkey-agent"
        }
    }

    private static func remedy(ofExecution errno: Int) -> StaticString {
        switch CUnsignedInt(truncatingIfNeeded: errno) {
        case LK_E2BIG.rawValue:
            "): together they exceed a quarter of the stack limit, or one 128 KiB: deliver large secrets as files"
        case LK_ENOENT.rawValue, LK_ENOTDIR.rawValue: "): correct the command"
        case LK_ENOEXEC.rawValue: "): it is no program for this processor, and no script that begins with #!"
        case LK_EACCES.rawValue, LK_EPERM.rawValue: "): make it executable for the container's user"
        default: "): correct the command or the image"
        }
    }
}
