import Testing

@testable import Agent

@Suite("When the agent looks")
struct RefreshScheduleTests {
    let start = ContinuousClock.now
    let interval = Duration.seconds(120)

    func schedule(random: Double = 0.5) -> RefreshSchedule {
        RefreshSchedule(interval: interval, from: start, random: (random, random))
    }

    @Test("first anywhere around the interval, then within 5 % of it", arguments: [0, 0.25, 0.999])
    func jitter(random: Double) {
        var schedule = schedule(random: random)
        let first = schedule.next - start
        #expect(first >= interval * 0.4 && first <= interval * 1.6)
        #expect(abs((first - interval * (0.4 + 1.2 * random)) / .milliseconds(1)) < 1)
        schedule.ended(.good, at: schedule.next, random: random)
        let second = schedule.next - start - first
        #expect(second >= interval * 0.95 && second <= interval * 1.05)
    }

    @Test("at once where it must know")
    func atOnce() {
        #expect(RefreshSchedule(interval: interval, from: start, looksAtOnce: true, random: (0.9, 0.9)).next == start)
    }

    @Test("a throttled look doubles the pause up to ten minutes, and good ones shorten it slowly")
    func throttled() {
        var schedule = schedule()
        var pauses: [Duration] = []
        for _ in 0..<5 {
            schedule.ended(.throttled(retryAfter: nil), at: start, random: 0.5)
            pauses.append(schedule.current)
        }
        #expect(pauses == [240, 480, 600, 600, 600].map { Duration.seconds($0) })
        #expect(schedule.isHoldingBack)
        schedule.ended(.good, at: start, random: 0.5)
        #expect(schedule.current < .seconds(600) && schedule.current > .seconds(590))
        for _ in 0..<200 { schedule.ended(.good, at: start, random: 0.5) }
        #expect(schedule.current == interval && !schedule.isHoldingBack)
    }

    @Test("an interval above ten minutes is not shortened by being throttled")
    func longInterval() {
        var schedule = RefreshSchedule(interval: .seconds(3600), from: start, random: (0, 0))
        schedule.ended(.throttled(retryAfter: nil), at: start, random: 0)
        #expect(schedule.current == .seconds(3600))
    }

    @Test("waits as long as a server asks, with a spread behind it, but no longer than ten minutes")
    func retryAfter() {
        for random in [0, 0.5, 0.999] {
            var schedule = schedule()
            schedule.ended(.throttled(retryAfter: .seconds(500)), at: start, random: random)
            #expect(schedule.next - start >= .seconds(500) && schedule.next - start <= .seconds(625))
            schedule.ended(.failed(retryAfter: .seconds(86_400)), at: start, random: random)
            #expect(schedule.next - start >= .seconds(600) && schedule.next - start <= .seconds(750))
        }
    }

    @Test("no outcome makes the next look come earlier than a good one would", arguments: [0, 0.5, 0.999])
    func neverEarlier(random: Double) {
        let outcomes: [RefreshSchedule.Outcome] = [
            .failed(retryAfter: nil), .failed(retryAfter: .zero), .failed(retryAfter: .seconds(-5)),
            .throttled(retryAfter: nil), .throttled(retryAfter: .seconds(1)),
        ]
        for outcome in outcomes {
            var (good, other) = (schedule(), schedule())
            good.ended(.good, at: start, random: random)
            other.ended(outcome, at: start, random: random)
            #expect(other.next >= good.next, "\(outcome)")
        }
    }

    @Test("after a suspension one look is due, not as many as were missed")
    func suspension() {
        var schedule = schedule()
        let awake = start + .seconds(36_000)
        #expect(schedule.next <= awake)
        schedule.ended(.good, at: awake, random: 0)
        #expect(schedule.next > awake)
        // The loop notices at the end of a slice of its sleep, which does not count while the machine is suspended.
        #expect(Supervisor.slice <= .seconds(15))
    }
}
