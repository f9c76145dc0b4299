/// How long and how often one look at the vaults may try.
///
/// Each look has one of its own, and it is the same one only if it is identical: what failed for all tries of a look is
/// answered from memory to whoever asks on its behalf, and asked anew by the next look.
final class Budget: Sendable {
    /// Nothing begins after it, and a request under way at that time is given up.
    let deadline: ContinuousClock.Instant
    /// When a transient fault is tried again.
    let policy: RetryPolicy

    init(deadline: ContinuousClock.Instant, policy: RetryPolicy = RetryPolicy()) {
        self.deadline = deadline
        self.policy = policy
    }

    /// When a try is given up that begins now.
    /// - Parameter attempt: which try of one request, from 1.
    func deadline(ofTry attempt: Int, from now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        guard attempt == 1, let limit = policy.firstTryLimit else { return deadline }
        return min(deadline, now + limit)
    }
}
