/// How one action stands, for the status file, the metrics and the log.
struct ReactionReport: Equatable, Sendable {
    enum State: String, Sendable, CaseIterable {
        /// Never wanted.
        case idle
        /// Wanted: it settles, waits for its moment or runs.
        case waiting
        case done
        /// It will be tried again.
        case failed
    }

    /// ``AgentPlan/Action/label``.
    let action: String
    let state: State
    /// How often it was started for the change that it last ran for.
    let attempts: Int
    let lastAttempt: ContinuousClock.Instant?
    /// Why the last try failed; nil after a success.
    let error: ReactionError?
    /// How often it succeeded and failed since the agent started.
    let succeeded: Int
    let failed: Int
}
