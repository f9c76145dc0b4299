import CLinux
import Glibc
import SecretSpec
import VaultClient

/// The loop of mode `refresh`. Everything happens on the main thread but what waits for others: looks at the vaults and
/// reactions, which put their outcome into a mailbox.
final class RefreshLoop {
    private enum Message: Sendable {
        case looked(Int, SecretSnapshot, Result<EnvironmentNeeds, EnvironmentProblems>)
        case reacted(Int, Result<Void, ReactionError>)
    }

    /// Inside one look, what fails in passing is tried once more, and a vault that throttles not at all.
    private static let retryPolicy = RetryPolicy(
        initialDelay: .seconds(1), maximumRetryAfter: RefreshSchedule.longest, maximumAttempts: 2,
        retriesThrottled: false, firstTryLimit: .seconds(4))

    private let plan: AgentPlan
    private let statusFile: StatusFile
    private let console: Console
    private let mailbox: Mailbox<Message>
    private let runner: ReactionRunner
    private let server: LocalServer?
    private let started = Moment.now
    private var refresher: Refresher
    private var schedule: RefreshSchedule
    private var queue: ReactionQueue
    private var probes = RestartProbes()
    private var looks = LookCounts()
    private var look = LookWatch()
    private var canWriteStatus = true
    /// What environments asked for when their sources were last usable.
    private var references: [(source: String, reference: SecretReference)] = []

    init(
        plan: AgentPlan, refresh: AgentPlan.Refresh, refresher: Refresher, schedule: RefreshSchedule,
        unfinished: UnfinishedReactions
    ) throws(AgentFailure) {
        self.plan = plan
        self.refresher = refresher
        self.schedule = schedule
        console = refresher.console
        statusFile = StatusFile(plan: plan, console: console)
        mailbox = try Mailbox()
        runner = ReactionRunner(directory: plan.directory)
        queue = ReactionQueue(
            reactions: refresh.reactions, intervalMilliseconds: refresh.intervalMilliseconds,
            restartSpreadSeconds: refresh.restartSpreadSeconds)
        queue.resume(unfinished, at: started.instant)
        server = try LocalServer.open(for: refresh, console: console)
    }

    /// Returns once a signal asks for the end. What is under way then is left behind: the process is about to end, and
    /// no publication is, since those are made here.
    func run(_ supervisor: borrowing Supervisor) throws(AgentFailure) {
        writeStatus()
        lk_release_memory()
        while true {
            startWhatIsDue(.now)
            var descriptors = [pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)]
            descriptors += server?.pollDescriptors ?? []
            guard supervisor.sleep(until: deadline, &descriptors) else {
                look.cancel()
                return
            }
            for message in mailbox.takeAll() { try take(message, at: .now) }
            if let isExtra = look.giveUp(at: .now) { gaveUp(isExtra: isExtra, at: .now) }
            server?.handle(descriptors, at: .now) { answer($0.path) }
            for id in probes.takeFinished(at: .now) { finished(id, .success(())) }
        }
    }

    private var deadline: ContinuousClock.Instant? {
        let looks = look.isLooking ? [look.latest] : [schedule.next, queue.wantsExtraLook]
        return (looks + [queue.nextDeadline, probes.nextEnd, server?.nextDeadline]).compactMap { $0 }.min()
    }

    private func startWhatIsDue(_ now: ContinuousClock.Instant) {
        if !look.isLooking {
            var isExtra = queue.wantsExtraLook.map { $0 <= now } ?? false
            if isExtra, schedule.isHoldingBack, schedule.next > now {
                // A vault that throttles is not asked for the reactions' sake.
                queue.extraLookFinished(at: now)
                isExtra = false
            }
            if isExtra || schedule.next <= now { startLook(at: now, isExtra: isExtra) }
        }
        let started = queue.start(at: now, random: .random(in: 0..<1))
        guard !started.isEmpty else { return }
        for reaction in started {
            runner.run(reaction, probes: &probes, at: now) { [mailbox] id, result in mailbox.post(.reacted(id, result))
            }
        }
        writeStatus()
    }

    private func startLook(at now: ContinuousClock.Instant, isExtra: Bool) {
        // Longer than two tries take, whatever the interval.
        let deadline = now + .seconds(30)
        let client = refresher.client
        let mailbox = mailbox
        let policy = Self.retryPolicy
        let needs = Result { [plan] () throws(EnvironmentProblems) in try EnvironmentNeeds(plan) }
        // Where a source cannot be used, the objects that were wanted before are still looked at.
        if case .success(let needs) = needs { references = needs.references }
        look.start(deadline: deadline, isExtra: isExtra) { [references] number in
            let snapshot = await client.look(deadline: deadline, also: references, retryPolicy: policy)
            mailbox.post(.looked(number, snapshot, needs))
        }
    }

    private func take(_ message: Message, at now: Moment) throws(AgentFailure) {
        switch message {
        case .reacted(let id, let result): finished(id, result)
        case .looked(let number, let snapshot, let needs):
            guard let isExtra = look.finish(number) else { return }
            ended(snapshot.pace, at: now)
            defer { writeStatus() }
            let changed = try refresher.take(snapshot, needs, at: now)
            queue.filesChanged(changed, at: now.instant)
            if isExtra { queue.extraLookFinished(at: now.instant) }
            // What a look needs is not needed until the next one; where that is soon, taking it back costs more.
            if schedule.next - now.instant > .seconds(1) { lk_release_memory() }
        }
    }

    private func gaveUp(isExtra: Bool, at now: Moment) {
        ended(.failed(retryAfter: nil), at: now)
        refresher.giveUp(at: now)
        if isExtra { queue.extraLookFinished(at: now.instant) }
        writeStatus()
    }

    private func ended(_ outcome: RefreshSchedule.Outcome, at now: Moment) {
        looks.count(outcome)
        schedule.ended(outcome, at: now.instant, random: .random(in: 0..<1))
    }

    private func finished(_ id: Int, _ result: Result<Void, ReactionError>) {
        let before = queue.reports
        queue.finished(id, result, at: .now, random: .random(in: 0..<1))
        for (old, new) in zip(before, queue.reports) where new != old {
            if let error = new.error, old.error != error {
                console.warn("\(new.action) failed and is tried again: \(error)")
            } else if new.succeeded > old.succeeded {
                console.say("\(new.action): done")
            }
        }
        writeStatus()
    }

    /// How things stand, of everything.
    private var report: StatusReport {
        var report = refresher.report
        report.interval = schedule.current
        report.reactions = queue.reports
        return report
    }

    private func writeStatus() {
        // Said once, however often it fails.
        canWriteStatus = statusFile.write(report, isQuiet: !canWriteStatus)
    }

    private func answer(_ path: String) -> LocalAnswer? {
        LocalPages(report: report, looks: looks, started: started, servesMetrics: plan.refresh?.servesMetrics ?? false)
            .answer(path, probes: probes, now: .now)
    }
}
