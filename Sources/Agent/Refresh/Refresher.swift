import SecretSpec
import VaultClient

/// Turns looks into published files and keeps account of them.
struct Refresher {
    let plan: AgentPlan
    let policy: AgentPlan.OnRevoked
    let client: VaultClient
    let console: Console
    private var publisher: Publisher
    /// How things stand.
    private(set) var report: StatusReport
    /// The objects whose warnings were said. Their texts change: they tell how long ago something was.
    private var warned: Set<String> = []

    /// - Parameter last: what was fetched before, whose warnings were said.
    init(
        plan: AgentPlan, policy: AgentPlan.OnRevoked, client: VaultClient, console: Console, report: StatusReport,
        publisher: Publisher, last: SecretSnapshot? = nil
    ) {
        self.plan = plan
        self.policy = policy
        self.client = client
        self.console = console
        self.report = report
        self.publisher = publisher
        if let last { _ = newWarnings(last) }
    }

    /// Publishes what a look found as far as the policy allows.
    /// - Parameter needs: what the environments asked for, or why that is not known; nothing is published then.
    /// - Returns: the sources of the files and values that have changed.
    /// - Throws: where the policy ends the agent; the report tells it already.
    mutating func take(
        _ snapshot: SecretSnapshot, _ needs: Result<EnvironmentNeeds, EnvironmentProblems>, at now: Moment
    ) throws(AgentFailure) -> Set<String> {
        let before = report
        defer { say(since: before) }
        switch (RefreshDecision(snapshot, policy: policy), needs) {
        case (.publish, .success(let needs)): return publish(snapshot, needs, at: now)
        case (.publish, .failure(let problems)), (.keep, .failure(let problems)):
            report.take(LookResult(snapshot, isPublished: false, fault: Self.fault(problems)), at: now)
            return []
        case (.keep, .success):
            report.take(LookResult(snapshot, isPublished: false), at: now)
            return []
        case (.fail(let failures), _):
            report.take(LookResult(snapshot, isPublished: false), at: now)
            throw AgentFailure(failures)
        }
    }

    private mutating func publish(
        _ snapshot: SecretSnapshot, _ needs: EnvironmentNeeds, at now: Moment
    ) -> Set<String> {
        newWarnings(snapshot).forEach(console.warn)
        let resolved = client.files(of: snapshot) { [policy] in policy != .fail && $0.isRevocation }
        let prepared = EnvironmentWriter.prepare(needs, client, snapshot) { [policy] in
            policy != .fail && $0.isRevocation
        }
        guard case .success(let files) = resolved, case .success(let environments) = prepared else {
            report.take(Self.unusable(snapshot, resolved.failure?.all ?? [], prepared.failure), at: now)
            return []
        }
        do throws(StatusReport.Fault) {
            return try publish(snapshot, files.map(FileEntry.init), environments, at: now)
        } catch {
            report.take(LookResult(snapshot, isPublished: false, fault: error), at: now)
            return []
        }
    }

    /// - Parameters:
    ///   - files: without those that need what is revoked.
    ///   - environments: those of the containers that need what is revoked without bytes.
    private mutating func publish(
        _ snapshot: SecretSnapshot, _ files: [FileEntry], _ environments: [PreparedEnvironment], at now: Moment
    ) throws(StatusReport.Fault) -> Set<String> {
        var environments = environments
        var carried = CarriedFiles()
        if policy == .keep {
            carried = try CarriedFiles(snapshot, plan: plan, from: publisher)
            for lacking in environments where lacking.bytes == nil && !publisher.hasPublished(lacking.environment) {
                throw CarriedFiles.missing("the environment of \(lacking.container)", "environment")
            }
            environments.removeAll { $0.bytes == nil }
        }
        let changes: Publisher.Changes
        do throws(WriteError) {
            changes = try publisher.publish(files + carried.files, environments)
        } catch {
            throw StatusReport.Fault(
                kind: "files", message: AgentFailure(error, plan: plan).sentences.joined(separator: "; "))
        }
        report.take(
            LookResult(
                snapshot, isPublished: true, removesRevoked: policy == .remove,
                carried: carried.sources), at: now)
        report.take(environments, changed: changes.containers, at: now)
        guard !changes.isEmpty else { return [] }
        if !changes.paths.isEmpty { report.published = now }
        report.noteGenerations(of: publisher)
        console.say("published \(changes.summary): \(changes.sources.sorted().joined(separator: ", "))")
        return changes.sources
    }

    /// The warnings of objects that had none before.
    private mutating func newWarnings(_ snapshot: SecretSnapshot) -> [String] {
        snapshot.objects.compactMap { object in
            guard let warning = object.warning else {
                if object.error == nil { warned.remove(object.reference.text) }
                return nil
            }
            return warned.insert(object.reference.text).inserted ? warning : nil
        }
    }

    /// A look did not end in time.
    mutating func giveUp(at now: Moment) {
        let before = report
        report.lastLook = now
        report.fault = StatusReport.Fault(
            kind: "timeout", message: "the last look at the vaults did not end in its time and was given up")
        say(since: before)
    }

    private static func unusable(
        _ snapshot: SecretSnapshot, _ failures: [ResolveFailure], _ problems: EnvironmentProblems?
    ) -> LookResult {
        LookResult(
            snapshot, isPublished: false, fault: problems.flatMap { $0.sentences.isEmpty ? nil : fault($0) },
            failures: failures + (problems?.failures ?? []))
    }

    private static func fault(_ problems: EnvironmentProblems) -> StatusReport.Fault {
        StatusReport.Fault(kind: "environment", message: problems.sentences.joined(separator: "; "))
    }

    /// One line for each object, and for the files as a whole, whose state is another than before.
    private func say(since before: StatusReport) {
        if let fault = report.fault, fault != before.fault {
            console.warn("everything stays as it is: \(fault.message)")
        }
        let earlier = Dictionary(before.objects.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        for object in report.objects {
            let old = earlier[object.reference]
            guard object.state != old?.state || object.error?.kind != old?.error?.kind else { continue }
            let name = "\(object.sources.joined(separator: ", ")): \(object.reference)"
            if let error = object.error {
                let files = object.state == .removed ? "its files are removed" : "its files stay as they are"
                console.warn("\(name): \(error.message); \(files)")
            } else if old?.error != nil {
                console.say("\(name) is read again")
            }
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
