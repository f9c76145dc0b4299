/// So many at once, and so many more each second.
struct RateLimit {
    private let burst: Double
    private let perSecond: Double
    private var left: Double
    private var last: ContinuousClock.Instant

    init(burst: Int, perSecond: Int, now: ContinuousClock.Instant) {
        self.burst = Double(burst)
        self.perSecond = Double(perSecond)
        left = self.burst
        last = now
    }

    /// Takes one; false where none is left.
    mutating func take(now: ContinuousClock.Instant) -> Bool {
        left = min(burst, left + max(0, (now - last) / .seconds(1)) * perSecond)
        last = max(last, now)
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
