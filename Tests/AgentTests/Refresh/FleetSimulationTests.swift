import TestSupport
import Testing
import VaultClient

@testable import Agent

/// Many agents with real schedules on a clock of the model, against a vault that answers so many reads per 10 s.
@Suite("A fleet of 10,000 agents with 2 secrets each")
struct FleetSimulationTests {
    @Test("at 2 min: hardly more than a call per secret and cycle, and half of the quota at the peak")
    func defaultInterval() {
        var fleet = Fleet(agents: 10_000, interval: 120, seed: 1)
        fleet.run(until: 3600)
        let cycles = 3600.0 / 120 - 0.5
        #expect(Double(fleet.calls.reduce(0, +)) / (20_000 * cycles) <= 1.05)
        #expect(fleet.peak() <= 2000)
        #expect(fleet.throttled.allSatisfy { $0 == 0 })
    }

    @Test("at 30 s: they slow down by themselves until hardly a look is throttled, and lose no more than it takes")
    func shortInterval() {
        var fleet = Fleet(agents: 10_000, interval: 30, seed: 2)
        fleet.run(until: 3600)
        let settled = fleet.windows(from: 600)
        let calls = settled.map(\.calls).reduce(0, +)
        let throttled = settled.map(\.throttled).reduce(0, +)
        // Without slowing down it were 40 %.
        #expect(Double(throttled) / Double(calls) < 0.02)
        // The quota is used, not feared.
        #expect(calls > settled.count * 2500)
        #expect(settled.map(\.calls).max() ?? 0 <= 5000)
    }

    @Test("an outage of five minutes: less than twice the calls in it, and no storm when it ends")
    func outage() {
        var fleet = Fleet(agents: 10_000, interval: 120, seed: 3)
        fleet.outage = 1200..<1500
        fleet.run(until: 3000)
        #expect(fleet.windows(from: 1200).prefix(30).map(\.calls).max() ?? 0 <= 4000)
        #expect(fleet.windows(from: 1500).map(\.calls).max() ?? 0 <= 2100)
        #expect(fleet.windows(from: 1500).allSatisfy { $0.throttled == 0 })
    }
}

/// The model: seconds as `Double`, a vault with fixed windows of 10 s, agents that ask for both secrets in one look.
private struct Fleet {
    static let quota = 4000
    private static let secrets = 2
    private let origin = ContinuousClock.now
    private let policy = RetryPolicy(initialDelay: .seconds(1), maximumAttempts: 2, retriesThrottled: false)
    private var schedules: [RefreshSchedule] = []
    private var random: SeededGenerator
    /// Agents by the second of their next look: a calendar instead of a sorted queue.
    private var calendar: [[Int]] = []
    var outage: Range<Double> = 0..<0
    /// Per window of 10 s.
    private(set) var calls: [Int] = []
    private(set) var throttled: [Int] = []

    init(agents: Int, interval: Int, seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<agents {
            schedules.append(RefreshSchedule(interval: .seconds(interval), from: origin, random: (chance(), chance())))
        }
    }

    mutating func run(until end: Int) {
        calendar = Array(repeating: [], count: end + 1)
        calls = Array(repeating: 0, count: end / 10 + 1)
        throttled = calls
        for agent in schedules.indices { enter(agent) }
        for second in 0..<end {
            let due = calendar[second].map { (agent: $0, time: time($0)) }.sorted { $0.time < $1.time }
            for (agent, time) in due {
                let outcome = look(at: time)
                schedules[agent].ended(
                    outcome.outcome, at: origin + .seconds(outcome.end), random: chance())
                enter(agent)
            }
        }
    }

    func peak() -> Int { calls.max() ?? 0 }

    func windows(from second: Int) -> [(calls: Int, throttled: Int)] {
        // The last window is not whole.
        Array(zip(calls, throttled).dropFirst(second / 10).dropLast())
    }

    private mutating func chance() -> Double { Double.random(in: 0..<1, using: &random) }

    private func time(_ agent: Int) -> Double { (schedules[agent].next - origin) / .seconds(1) }

    private mutating func enter(_ agent: Int) {
        let second = Int(time(agent))
        if second < calendar.count { calendar[second].append(agent) }
    }

    /// One look: what the vault says to each secret, with the retry that the client makes.
    private mutating func look(at start: Double) -> (outcome: RefreshSchedule.Outcome, end: Double) {
        var outcome = RefreshSchedule.Outcome.good
        var end = start
        for _ in 0..<Self.secrets {
            var (time, attempt) = (start, 1)
            tries: while true {
                switch call(at: time) {
                case .answered: break tries
                case .throttled(let pause):
                    outcome = .throttled(retryAfter: .seconds(pause))
                    break tries
                case .failed:
                    if outcome == .good { outcome = .failed(retryAfter: nil) }
                    guard attempt < policy.maximumAttempts ?? .max,
                        let delay = policy.delay(
                            attempt: attempt, retryAfter: nil, remaining: .seconds(30), random: chance())
                    else { break tries }
                    attempt += 1
                    time += delay / .seconds(1)
                }
            }
            end = max(end, time)
        }
        return (outcome, end)
    }

    private enum Answer { case answered, failed, throttled(Double) }

    private mutating func call(at time: Double) -> Answer {
        let window = Int(time / 10)
        guard calls.indices.contains(window) else { return .answered }
        calls[window] += 1
        if outage.contains(time) { return .failed }
        guard calls[window] > Self.quota else { return .answered }
        throttled[window] += 1
        return .throttled(10 - time.truncatingRemainder(dividingBy: 10))
    }
}
