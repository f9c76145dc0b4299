import Glibc
import SecretSpec

/// Mode `ready`: whether files are published. Asked by a probe in a container whose termination message is another
/// process's.
enum ReadyMode {
    static func run(environment: [String: String]) -> ExitCode {
        do throws(AgentFailure) {
            let plan = try AgentPlan(environment: environment)
            guard AtomicDirectory(plan).generation == nil else { return .success }
            throw AgentFailure(.system, "no files are published at '\(plan.directory)' yet")
        } catch {
            for sentence in error.sentences {
                Console.write("latchkey-agent: \(Console.line(sentence))\n", to: STDERR_FILENO)
            }
            return error.exitCode
        }
    }
}
