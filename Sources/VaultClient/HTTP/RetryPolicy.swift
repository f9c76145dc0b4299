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

    /// A try that would have less than this before the deadline is not begun.
    private static let leastRoom: Duration = .milliseconds(250)
    /// What a pause leaves before the deadline, for the try that follows.
    private static let room: Duration = .seconds(1)

    /// How long to wait before the next try, or nil where the server asks for more than there is until the deadline.
    ///
    /// Exponential backoff with full jitter: anything from nothing to the doubled pause. After a `Retry-After` at
    /// least that time passes, and the jitter comes on top; it grows with what was asked, so that many clients that
    /// were told the same do not return in one moment. The jitter alone never ends the tries: it is cut so that one
    /// more fits.
    /// - Parameters:
    ///   - attempt: the number of tries so far, from 1.
    ///   - retryAfter: what the server asked for.
    ///   - remaining: the time until the deadline.
    ///   - random: a number from 0 up to and without 1.
    public func delay(attempt: Int, retryAfter: Duration?, remaining: Duration, random: Double) -> Duration? {
        let asked = believed(retryAfter) ?? .zero
        let rest = remaining - asked
        guard rest > Self.leastRoom else { return nil }
        let doublings = min(max(attempt, 1) - 1, 20)
        let ceiling = max(min(initialDelay * (1 << doublings), maximumDelay), asked / 4)
        let jitter = ceiling * min(max(random, 0), 1)
        return asked + min(jitter, rest - min(Self.room, rest / 2))
    }

    /// What a server asked for, as far as it is followed.
    func believed(_ retryAfter: Duration?) -> Duration? {
        retryAfter.map { min(max($0, .zero), maximumRetryAfter) }
    }
}
