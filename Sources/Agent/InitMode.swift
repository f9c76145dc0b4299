import Glibc
import JSON
import SecretSpec
import VaultClient

/// Mode `init`: plan -> secrets -> one published set of files.
struct InitMode {
    /// How long the client may take past the deadline to say what it was waiting for.
    private static let grace = Duration.seconds(2)

    private let plan: AgentPlan
    private let options: VaultClient.Options
    private let start = ContinuousClock.now

    /// Reads the plan.
    init(environment: [String: String]) throws(AgentFailure) {
        options = VaultClient.Options(environment: environment)
        guard let text = environment[AgentPlan.environmentVariable] else {
            throw AgentFailure(
                .plan,
                "\(AgentPlan.environmentVariable) is not set: the webhook puts the plan there; outside of an injected "
                    + "container set it to the plan's JSON")
        }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: Array(text.utf8)) } catch {
            throw AgentFailure(.plan, "\(AgentPlan.environmentVariable) is no JSON: \(error)")
        }
        do throws(AgentPlanError) { plan = try AgentPlan(json: json) } catch {
            throw AgentFailure(.plan, "\(AgentPlan.environmentVariable): \(error)")
        }
    }

    /// Returns what is to be said: warnings, each once, and what was done.
    func run() throws(AgentFailure) -> (warnings: [String], summary: String) {
        try plan.checkPaths()
        let files = try fetch()
        let entries = files.map { FileEntry(path: $0.path, mode: $0.mode, bytes: $0.bytes) }
        do throws(WriteError) {
            try AtomicDirectory(path: plan.directory, group: plan.group).publish(entries)
        } catch {
            throw AgentFailure(error, plan: plan)
        }
        var warnings: [String] = []
        for case let warning? in files.map(\.warning) where !warnings.contains(warning) { warnings.append(warning) }
        return (warnings, summary(files: entries.count))
    }

    private func fetch() throws(AgentFailure) -> [ResolvedFile] {
        let supervisor: Supervisor
        do throws(SystemError) { supervisor = try Supervisor() } catch {
            throw AgentFailure(
                .system, "cannot open a descriptor for signals: \(String(cString: strerror(error.code)))")
        }
        let client = VaultClient(plan: plan, options: options)
        let deadline = start + .seconds(plan.startDeadlineSeconds)
        let outcome = supervisor.wait(until: deadline + Self.grace) { await client.resolve(deadline: deadline) }
        switch outcome {
        case .finished(.success(let files)) where !supervisor.isTerminated: return files
        case .finished(.failure(let failures)): throw AgentFailure(failures)
        case .finished, .terminated:
            throw AgentFailure(.terminated, "ended by a signal before any file was written")
        case .late:
            throw AgentFailure(
                .unavailable,
                "the secrets were not there within the start deadline of \(plan.startDeadlineSeconds) s: look whether "
                    + "the vaults and the login answer, or raise agent.startDeadline in Latchkey's configuration")
        }
    }

    /// How many, from where, how long: nothing of what is in them.
    private func summary(files: Int) -> String {
        var vaults: [String] = []
        for reference in plan.files.flatMap(\.references) {
            let vault = "\(reference.object.scheme)://\(reference.object.authority)"
            if !vaults.contains(vault) { vaults.append(vault) }
        }
        let origin = vaults.isEmpty ? "" : " from \(vaults.joined(separator: ", "))"
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return "wrote \(files) \(files == 1 ? "file" : "files")\(origin) in \(Int(milliseconds.rounded())) ms"
    }
}
