import SecretSpec
import VaultClient

/// The start: plan -> secrets -> one published set of files, or nothing and a failure.
struct FirstFetch {
    /// How long the client may take past the deadline to say what it was waiting for.
    private static let grace = Duration.seconds(2)

    let plan: AgentPlan
    let client: VaultClient
    let console: Console

    /// Says what there is to say: warnings, each once, and what was done.
    /// - Returns: what the files are made of.
    func run(_ supervisor: borrowing Supervisor) throws(AgentFailure) -> SecretSnapshot {
        let start = ContinuousClock.now
        try plan.checkPaths()
        let snapshot = try look(supervisor, from: start)
        let files: [ResolvedFile]
        do throws(ResolveFailures) { files = try client.files(of: snapshot).get() } catch { throw AgentFailure(error) }
        do throws(WriteError) {
            try AtomicDirectory(plan).publish(files.map(FileEntry.init))
        } catch {
            throw AgentFailure(error, plan: plan)
        }
        var warnings: [String] = []
        for case let warning? in files.map(\.warning) where !warnings.contains(warning) { warnings.append(warning) }
        warnings.forEach(console.warn)
        console.say(summary(files: files.count, took: ContinuousClock.now - start))
        return snapshot
    }

    private func look(
        _ supervisor: borrowing Supervisor, from start: ContinuousClock.Instant
    ) throws(AgentFailure) -> SecretSnapshot {
        let deadline = start + .seconds(plan.startDeadlineSeconds)
        let outcome = try supervisor.wait(until: deadline + Self.grace) { [client] in
            await client.look(deadline: deadline)
        }
        switch outcome {
        case .finished(let snapshot) where !supervisor.isTerminated: return snapshot
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
    private func summary(files: Int, took time: Duration) -> String {
        let origin = plan.vaults.isEmpty ? "" : " from \(plan.vaults.joined(separator: ", "))"
        let milliseconds = Int((time / .milliseconds(1)).rounded())
        return "wrote \(files) \(files == 1 ? "file" : "files")\(origin) in \(milliseconds) ms"
    }
}
