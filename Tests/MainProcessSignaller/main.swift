import Agent
import CLinux
import Glibc
import SecretSpec

// Signals the main processes that mount a directory, and ends: for tests, which run it in a process namespace of its own.
//
//     main-process-signaller <directory> <signal name>
//     main-process-signaller <directory> end <grace in milliseconds>
//
// Exit status: 0 done, 1 a ReactionError, whose sentence goes to standard output, 2 usage.

func run(_ arguments: [String]) async -> Int32 {
    // As the agent does: /proc shows less to such a process.
    guard arguments.count >= 3, lk_harden_process() == 0 else { return 2 }
    let processes = MainProcesses(of: arguments[1])
    do throws(ReactionError) {
        if arguments.count == 4, arguments[2] == "end", let grace = Int(arguments[3]) {
            try await processes.end(grace: .milliseconds(grace))
        } else if let signal = Signal(name: arguments[2]) {
            try processes.send(signal)
        } else {
            return 2
        }
        return 0
    } catch {
        print(error)
        return 1
    }
}

exit(await run(CommandLine.arguments))
