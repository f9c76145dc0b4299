/// How often looks ended in each way since the process started.
struct LookCounts {
    private var good = 0
    private var throttled = 0
    private var failed = 0

    mutating func count(_ outcome: RefreshSchedule.Outcome) {
        switch outcome {
        case .good: good += 1
        case .throttled: throttled += 1
        case .failed: failed += 1
        }
    }

    var metrics: [AgentMetrics.Looks] {
        [
            AgentMetrics.Looks(outcome: "good", count: good),
            AgentMetrics.Looks(outcome: "throttled", count: throttled),
            AgentMetrics.Looks(outcome: "failed", count: failed),
        ]
    }
}
