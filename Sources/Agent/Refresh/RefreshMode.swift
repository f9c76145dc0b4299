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
        try WrapperCopy.install(plan, environment: environment)
        let client = VaultClient(plan: plan, options: VaultClient.Options(environment: environment))
        let start = try start(plan, refresh, client, console, supervisor)
        let refresher = Refresher(
            plan: plan, policy: refresh.onRevoked, client: client, console: console, report: start.report,
            publisher: start.publisher, last: start.snapshot)
        let schedule = RefreshSchedule(
            interval: .milliseconds(refresh.intervalMilliseconds), from: .now,
            // What ended the process that was here before may still hold.
            looksAtOnce: start.isRestart && refresh.onRevoked == .fail,
            random: (.random(in: 0..<1), .random(in: 0..<1)))
        try RefreshLoop(
            plan: plan, refresh: refresh, refresher: refresher, schedule: schedule, unfinished: start.unfinished
        ).run(supervisor)
    }

    /// What the loop begins with.
    private struct Start {
        var report: StatusReport
        let publisher: Publisher
        /// What was fetched, where it was just now.
        var snapshot: SecretSnapshot?
        /// Whether the loop of an earlier process was here.
        var isRestart = false
        var unfinished = UnfinishedReactions.labelled([])
    }

    /// A first fetch, or what an earlier process has left: it published a set whole or not at all, and the plan of a pod
    /// does not change.
    private static func start(
        _ plan: AgentPlan, _ refresh: AgentPlan.Refresh, _ client: VaultClient, _ console: Console,
        _ supervisor: borrowing Supervisor
    ) throws(AgentFailure) -> Start {
        let publisher = Publisher(plan)
        guard publisher.isComplete(allowingRemoved: refresh.onRevoked == .remove) else {
            let outcome = try FirstFetch(plan: plan, client: client, console: console).run(supervisor)
            return Start(
                report: StatusReport(outcome, plan: plan), publisher: outcome.publisher,
                snapshot: outcome.snapshot)
        }
        var report = StatusReport(plan: plan, now: .now, also: (try? EnvironmentNeeds(plan))?.references ?? [])
        report.noteGenerations(of: publisher)
        let old = StatusFile(plan: plan, console: console).read()
        let isSame = old.map(report.isSamePublication) ?? false
        if let old { report.restore(old, now: .now) }
        let interval = Duration.milliseconds(refresh.intervalMilliseconds)
        console.say("the files are there already: looks for new versions every \(interval.secondsText) s")
        return Start(
            report: report, publisher: publisher, isRestart: StatusReport.isOfLoop(old),
            unfinished: UnfinishedReactions(old, isOfThisPublication: isSame))
    }
}
