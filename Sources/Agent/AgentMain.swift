import CLinux
import Glibc
import SecretSpec

/// The agent's program without its process: `main.swift` calls it.
public enum AgentMain {
    /// Does what the command line says.
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: the process's environment.
    /// - Returns: the exit status, an ``ExitCode``. Leave with `_exit`: a fetch that was given up may still be running,
    ///   and it must not see the process's globals destroyed.
    public static func run(arguments: [String], environment: [String: String]) -> Int32 {
        let code: ExitCode
        switch AgentCommand(arguments: arguments) {
        case .help:
            Console.write(AgentCommand.usage, to: STDOUT_FILENO)
            code = .success
        case .version:
            Console.write("latchkey-agent \(Release.version)\n", to: STDOUT_FILENO)
            code = .success
        case .unusable(let problem):
            Console(environment: environment).report(AgentFailure(.usage, problem))
            Console.write("\n\(AgentCommand.usage)", to: STDERR_FILENO)
            code = .usage
        case .initialize: code = run(environment, InitMode.run)
        case .refresh: code = run(environment, RefreshMode.run)
        case .ready: code = ReadyMode.run(environment: environment)
        }
        return code.rawValue
    }

    private static func run(
        _ environment: [String: String], _ mode: ([String: String], Console) throws(AgentFailure) -> Void
    ) -> ExitCode {
        let console = Console(environment: environment)
        do throws(AgentFailure) {
            guard lk_harden_process() == 0 else {
                throw AgentFailure(.system, "cannot switch core dumps off: \(String(cString: strerror(errno)))")
            }
            try mode(environment, console)
            return .success
        } catch {
            console.report(error)
            return error.exitCode
        }
    }
}
