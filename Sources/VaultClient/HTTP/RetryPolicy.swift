/// When a transient fault is tried again. Pure: time and chance come from the caller.
public struct RetryPolicy: Sendable, Equatable {
    /// The longest pause after the first fault; it doubles with each one.
    public var initialDelay: Duration
    /// What the pause grows to at most.
    public var maximumDelay: Duration
    /// The most of a server's `Retry-After` that is believed.
    public var maximumRetryAfter: Duration
    /// How many tries one request gets at most, the first one included; nil for as many as fit before the deadline.
    public var maximumAttempts: Int?
    /// Whether one look tries again where the server throttles, and waits while it is throttled. Where it does not, a
    /// throttled server hears nothing until the time that it asked for is over, and the next look comes then.
    public var retriesThrottled: Bool
    /// How long the first try of a request may take, where that is less than the client's own limit, which later tries
    /// have. A try on a kept connection that has died is then over soon, and a vault that is slow is still read.
    public var firstTryLimit: Duration?

    /// A policy.
    public init(
        initialDelay: Duration = .milliseconds(250), maximumDelay: Duration = .seconds(10),
        maximumRetryAfter: Duration = .seconds(120), maximumAttempts: Int? = nil, retriesThrottled: Bool = true,
        firstTryLimit: Duration? = nil
    ) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.maximumRetryAfter = maximumRetryAfter
        self.maximumAttempts = maximumAttempts
        self.retriesThrottled = retriesThrottled
        self.firstTryLimit = firstTryLimit
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

    /// Whether another try follows so many, time permitting.
    func triesAgain(after error: VaultError, attempt: Int) -> Bool {
        waits(for: error) && maximumAttempts.map { attempt < $0 } ?? true
    }

    /// Whether one look waits until such a fault has passed.
    func waits(for error: VaultError) -> Bool { retriesThrottled || error.kind != .throttled }

    /// What a server asked for, as far as it is followed.
    func believed(_ retryAfter: Duration?) -> Duration? {
        retryAfter.map { min(max($0, .zero), maximumRetryAfter) }
    }
}
