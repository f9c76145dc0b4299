/// When a transient fault is tried again. Pure: time and chance come from the caller.
public struct RetryPolicy: Sendable, Equatable {
    /// The longest pause after the first fault; it doubles with each one.
    public var initialDelay: Duration
    /// What the pause grows to at most.
    public var maximumDelay: Duration
    /// The most of a server's `Retry-After` that is believed.
    public var maximumRetryAfter: Duration

    /// A policy.
    public init(
        initialDelay: Duration = .milliseconds(250), maximumDelay: Duration = .seconds(10),
        maximumRetryAfter: Duration = .seconds(120)
    ) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.maximumRetryAfter = maximumRetryAfter
    }

    /// How long to wait before the next try, or nil where that would begin at or beyond the deadline.
    ///
    /// Exponential backoff with full jitter: anything from nothing to the doubled pause. After a `Retry-After` at
    /// least that time passes, and the jitter comes on top, so that many clients do not return in one moment.
    /// - Parameters:
    ///   - attempt: the number of tries so far, from 1.
    ///   - retryAfter: what the server asked for.
    ///   - remaining: the time until the deadline.
    ///   - random: a number from 0 up to and without 1.
    public func delay(attempt: Int, retryAfter: Duration?, remaining: Duration, random: Double) -> Duration? {
        let doublings = min(max(attempt, 1) - 1, 20)
        let ceiling = min(initialDelay * (1 << doublings), maximumDelay)
        let jitter = ceiling * min(max(random, 0), 1)
        let asked = min(max(retryAfter ?? .zero, .zero), maximumRetryAfter)
        let delay = asked + jitter
        return delay < remaining ? delay : nil
    }
}
