import CLinux
import SecretSpec
import VaultClient

/// Mode `refresh`: the start, where nothing is published yet, and then the loop until a signal ends it.
enum RefreshMode {
    static func run(environment: [String: String], console: Console) throws(AgentFailure) {
        let plan = try AgentPlan(environment: environment)
        guard let refresh = plan.refresh else {
            throw AgentFailure(.plan, "\(AgentPlan.environmentVariable) has no 'refresh': use 'init'")
        }
        let supervisor = try Supervisor()
        let client = VaultClient(plan: plan, options: VaultClient.Options(environment: environment))
        let start = try start(plan, refresh, client, console, supervisor)
        let refresher = Refresher(
            plan: plan, policy: refresh.onRevoked, client: client, console: console, report: start.report,
            last: start.snapshot)
        let schedule = RefreshSchedule(
            interval: .milliseconds(refresh.intervalMilliseconds), from: .now,
            // What ended the process that was here before may still hold.
            looksAtOnce: start.snapshot == nil && refresh.onRevoked == .fail,
            random: (.random(in: 0..<1), .random(in: 0..<1)))
        try RefreshLoop(plan: plan, refresh: refresh, refresher: refresher, schedule: schedule).run(supervisor)
    }

    /// A first fetch, or what an earlier process has left: it published a set whole or not at all, and the plan of a pod
    /// does not change.
    private static func start(
        _ plan: AgentPlan, _ refresh: AgentPlan.Refresh, _ client: VaultClient, _ console: Console,
        _ supervisor: borrowing Supervisor
    ) throws(AgentFailure) -> (report: StatusReport, snapshot: SecretSnapshot?) {
        let directory = AtomicDirectory(plan)
        // With `remove`, files may be missing that the plan has.
        guard directory.hasPublished(refresh.onRevoked == .remove ? [] : plan.files.map(\.path)) else {
            let snapshot = try FirstFetch(plan: plan, client: client, console: console).run(supervisor)
            return (StatusReport(firstFetch: snapshot, plan: plan), snapshot)
        }
        var report = StatusReport(plan: plan, now: .now)
        report.generation = directory.generation
        if let old = StatusFile(plan: plan, console: console).read() { report.restore(old, now: .now) }
        console.say("the files are there already: looks for new versions every \(report.interval?.secondsText ?? "") s")
        return (report, nil)
    }
}
