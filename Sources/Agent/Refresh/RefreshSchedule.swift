/// When the agent looks for new versions. Pure: time and chance come from the caller.
///
/// A fleet that starts in one moment spreads itself over one interval with its first looks, and stays spread. A vault
/// that throttles is asked less: each throttled look doubles the interval, each good one takes 1 % off. So a fleet that
/// is too large for its quota settles where about one look in seventy is throttled, whatever the quota. No fault makes
/// the next look come earlier than it would have.
struct RefreshSchedule {
    /// How a look ended, as far as the pace is concerned.
    enum Outcome: Equatable {
        case good
        /// Something failed in passing, or for good; the server may have asked for a pause.
        case failed(retryAfter: Duration?)
        case throttled(retryAfter: Duration?)
    }

    /// However long a vault throttles, it is asked this often, or at the interval where that is longer; no longer pause
    /// that a server asks for is believed.
    static let longest = Duration.seconds(600)

    private let interval: Duration
    private var stretch = 1.0
    /// When the next look is due.
    private(set) var next: ContinuousClock.Instant

    /// The first look comes anywhere between half and one and a half intervals after the start, give or take a tenth: two
    /// chances, since the sharp edges of one would make ripples where the first looks end and the second ones begin.
    /// - Parameters:
    ///   - interval: the time between looks, more than zero.
    ///   - looksAtOnce: whether the first look is due at the start.
    ///   - random: two numbers from 0 up to 1.
    init(
        interval: Duration, from start: ContinuousClock.Instant, looksAtOnce: Bool = false, random: (Double, Double)
    ) {
        self.interval = interval
        next = looksAtOnce ? start : start + interval * (0.4 + random.0 + 0.2 * random.1)
    }

    /// The time between looks now.
    var current: Duration { min(interval * stretch, ceiling) }

    /// Whether a vault has throttled so lately that it is to be asked no more than it must.
    var isHoldingBack: Bool { stretch > 1 }

    /// A look is over: when the next one is due.
    /// - Parameter random: a number from 0 up to 1.
    mutating func ended(_ outcome: Outcome, at now: ContinuousClock.Instant, random: Double) {
        var pause: Duration?
        switch outcome {
        case .good: stretch = max(1, stretch * 0.99)
        case .failed(let retryAfter): pause = retryAfter
        case .throttled(let retryAfter):
            stretch = min(stretch * 2, ceiling / interval)
            pause = retryAfter
        }
        let normal = current * (0.95 + 0.1 * random)
        // Those who were told the same pause do not come back in one moment.
        let asked = min(max(pause ?? .zero, .zero), ceiling) * (1 + random / 4)
        next = now + max(normal, asked)
    }

    private var ceiling: Duration { max(Self.longest, interval) }
}
