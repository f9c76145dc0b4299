import SecretSpec
import VaultClient

/// The start: plan -> secrets -> one published set of files and environments, or nothing and a failure.
struct FirstFetch {
    /// How long the client may take past the deadline to say what it was waiting for.
    private static let grace = Duration.seconds(2)

    let plan: AgentPlan
    let client: VaultClient
    let console: Console

    /// What the start gives to what comes after it.
    struct Outcome {
        /// What everything is made of.
        let snapshot: SecretSnapshot
        let environments: [PreparedEnvironment]
        let publisher: Publisher
    }

    /// Says what there is to say: warnings, each once, and what was done.
    func run(_ supervisor: borrowing Supervisor) throws(AgentFailure) -> Outcome {
        let start = ContinuousClock.now
        try plan.checkPaths()
        let needs: EnvironmentNeeds
        do throws(EnvironmentProblems) { needs = try EnvironmentNeeds(plan) } catch { throw AgentFailure([], error) }
        let snapshot = try look(supervisor, needs, from: start)
        let (files, environments) = try content(needs, snapshot)
        var publisher = Publisher(plan)
        do throws(WriteError) {
            _ = try publisher.publish(files, environments, always: true)
        } catch {
            throw AgentFailure(error, plan: plan)
        }
        snapshot.warnings.forEach(console.warn)
        console.say(
            Self.summary(files.count, environments.count, snapshot, took: ContinuousClock.now - start))
        return Outcome(snapshot: snapshot, environments: environments, publisher: publisher)
    }

    private func look(
        _ supervisor: borrowing Supervisor, _ needs: EnvironmentNeeds, from start: ContinuousClock.Instant
    ) throws(AgentFailure) -> SecretSnapshot {
        let deadline = start + .seconds(plan.startDeadlineSeconds)
        let outcome = try supervisor.wait(until: deadline + Self.grace) { [client] in
            await client.look(deadline: deadline, also: needs.references)
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

    /// Everything that is to be written, or all that is wrong.
    private func content(
        _ needs: EnvironmentNeeds, _ snapshot: SecretSnapshot
    ) throws(AgentFailure) -> ([FileEntry], [PreparedEnvironment]) {
        switch (client.files(of: snapshot), EnvironmentWriter.prepare(needs, client, snapshot)) {
        case (.success(let files), .success(let environments)): return (files.map(FileEntry.init), environments)
        case (.failure(let failures), .success): throw AgentFailure(failures)
        case (.success, .failure(let problems)): throw AgentFailure([], problems)
        case (.failure(let failures), .failure(let problems)): throw AgentFailure(failures.all, problems)
        }
    }

    /// How many, from where, how long: nothing of what is in them.
    private static func summary(
        _ files: Int, _ environments: Int, _ snapshot: SecretSnapshot, took time: Duration
    ) -> String {
        var parts = ["\(files) \(files == 1 ? "file" : "files")"]
        if environments > 0 { parts.append("\(environments) \(environments == 1 ? "environment" : "environments")") }
        let vaults = snapshot.vaults
        let origin = vaults.isEmpty ? "" : " from \(vaults.joined(separator: ", "))"
        let milliseconds = Int((time / .milliseconds(1)).rounded())
        return "wrote \(parts.joined(separator: " and "))\(origin) in \(milliseconds) ms"
    }
}

extension SecretSnapshot {
    /// What the objects' owners should know, each sentence once.
    var warnings: [String] {
        objects.compactMap(\.warning).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The vaults that were asked, each once.
    fileprivate var vaults: [String] {
        objects.map { "\($0.reference.object.scheme)://\($0.reference.object.authority)" }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
