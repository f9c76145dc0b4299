import SecretSpec
import VaultClient

/// Turns looks into published files and keeps account of them.
struct Refresher {
    let plan: AgentPlan
    let policy: AgentPlan.OnRevoked
    let client: VaultClient
    let console: Console
    private let directory: AtomicDirectory
    /// How things stand.
    private(set) var report: StatusReport
    /// What the published files are made of; kept only where the policy asks for it.
    private var last: SecretSnapshot?
    private var shownWarnings: Set<String> = []

    /// - Parameter last: what the published files are made of, where that is known.
    init(
        plan: AgentPlan, policy: AgentPlan.OnRevoked, client: VaultClient, console: Console, report: StatusReport,
        last: SecretSnapshot?
    ) {
        self.plan = plan
        self.policy = policy
        self.client = client
        self.console = console
        self.report = report
        directory = AtomicDirectory(plan)
        self.last = policy == .keep ? last : nil
        shownWarnings = Set(last?.objects.compactMap(\.warning) ?? [])
    }

    /// Publishes what a look found as far as the policy allows.
    /// - Returns: the sources of the files that have changed.
    /// - Throws: where the policy ends the agent; the report tells it already.
    mutating func take(_ snapshot: SecretSnapshot, at now: Moment) throws(AgentFailure) -> Set<String> {
        let before = report
        defer { say(since: before) }
        switch RefreshDecision(snapshot, last: last, policy: policy) {
        case .publish(let snapshot): return publish(snapshot, at: now)
        case .keep:
            report.take(LookResult(snapshot, isPublished: false), at: now)
            return []
        case .fail(let failures):
            report.take(LookResult(snapshot, isPublished: false), at: now)
            throw AgentFailure(failures)
        }
    }

    private mutating func publish(_ snapshot: SecretSnapshot, at now: Moment) -> Set<String> {
        let removes = policy == .remove
        let files: [FileEntry]
        do throws(ResolveFailures) {
            let resolved = try client.files(of: snapshot) { removes && $0.isRevocation }.get()
            for case let warning? in resolved.map(\.warning) where shownWarnings.insert(warning).inserted {
                console.warn(warning)
            }
            files = resolved.map(FileEntry.init)
        } catch {
            report.take(LookResult(snapshot, isPublished: false, failures: error.all), at: now)
            return []
        }
        let changes = directory.changes(to: files)
        do throws(WriteError) {
            if !changes.isEmpty { try directory.publish(files) }
        } catch {
            let message = AgentFailure(error, plan: plan).sentences.joined(separator: "; ")
            report.take(
                LookResult(snapshot, isPublished: false, fault: .init(kind: "files", message: message)), at: now)
            return []
        }
        if policy == .keep { last = snapshot }
        report.take(LookResult(snapshot, isPublished: true, removesRevoked: removes), at: now)
        guard !changes.isEmpty else { return [] }
        report.published = now
        report.generation = directory.generation
        let sources = plan.files.map(\.source).filter { Set(changes.flatMap(plan.sources)).contains($0) }
        console.say(
            "published \(changes.count) changed \(changes.count == 1 ? "file" : "files"): "
                + sources.joined(separator: ", "))
        return Set(sources)
    }

    /// One line for each object, and for the files as a whole, whose state is another than before.
    private func say(since before: StatusReport) {
        if let fault = report.fault, fault != before.fault {
            console.warn("the files stay as they are: \(fault.message)")
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
