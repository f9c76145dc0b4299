import SecretSpec

/// One action of a ``ReactionQueue`` and how it stands.
struct ReactionEntry {
    let action: AgentPlan.Action
    var sources: Set<String>

    /// A change or a failure wants it to run.
    private var isWanted = false
    /// A change that it is for is not settled yet.
    private var isHeld = false
    private var isRunning = false
    /// When it may start; nil where that is not decided.
    private var due: ContinuousClock.Instant?
    private var releasedAt: ContinuousClock.Instant?
    /// In a row, for the change that it runs for.
    private var failures = 0
    private var attempts = 0
    private var lastAttempt: ContinuousClock.Instant?
    private var error: ReactionError?
    private var succeeded = 0
    private var failed = 0

    init(action: AgentPlan.Action, sources: Set<String>) {
        self.action = action
        self.sources = sources
    }

    /// A change wants it. It takes the place of a try that was to come; a restart that waits for its moment keeps it,
    /// or frequent changes would put it off for ever.
    mutating func want() {
        if failures > 0, !isRunning {
            failures = 0
            due = nil
        }
        isWanted = true
        isHeld = true
    }

    /// The change is settled.
    mutating func release(at now: ContinuousClock.Instant) {
        guard isHeld else { return }
        isHeld = false
        releasedAt = now
    }

    /// Whether it starts now.
    mutating func start(at now: ContinuousClock.Instant, restartDelay: Duration) -> Bool {
        guard isWanted, !isHeld, !isRunning else { return false }
        let moment = due ?? (action.isRestart ? now + restartDelay : now)
        due = moment
        guard moment <= now else { return false }
        isWanted = false
        isRunning = true
        due = nil
        attempts = failures + 1
        lastAttempt = now
        return true
    }

    mutating func finish(_ result: Result<Void, ReactionError>, at now: ContinuousClock.Instant, random: Double) {
        guard isRunning else { return }
        isRunning = false
        switch result {
        case .success:
            succeeded += 1
            failures = 0
            error = nil
        case .failure(let problem):
            failed += 1
            error = problem
            if isWanted {
                failures = 0
            } else {
                failures += 1
                isWanted = true
                due = now + Self.backoff(failures: failures, random: random)
            }
        }
    }

    /// When there is something to start; nil where nothing is, or not by time alone.
    var deadline: ContinuousClock.Instant? {
        isWanted && !isHeld && !isRunning ? due ?? releasedAt : nil
    }

    var report: ReactionReport {
        let state: ReactionReport.State =
            if failures > 0 { .failed } else if isWanted || isRunning { .waiting } else {
                succeeded > 0 ? .done : .idle
            }
        return ReactionReport(
            action: action.label, state: state, attempts: attempts, lastAttempt: lastAttempt, error: error,
            succeeded: succeeded, failed: failed)
    }

    /// 1 s, 2 s, 4 s, ... 60 s, each a quarter more or less.
    private static func backoff(failures: Int, random: Double) -> Duration {
        let seconds = min(60, 1 << min(max(failures - 1, 0), 6))
        return .seconds(seconds) * (0.75 + 0.5 * random)
    }
}
