internal import Glibc

/// Where time and chance come from, so that tests can bring their own.
struct Timing: Sendable {
    /// Now, for spans; it goes on while the machine sleeps.
    var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    /// Now in seconds since 1970, for what others date.
    var wallSeconds: @Sendable () -> Int = { Int(time(nil)) }
    /// Waits; returns early when the task is cancelled.
    var sleep: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    /// A number from 0 up to and without 1.
    var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
}
