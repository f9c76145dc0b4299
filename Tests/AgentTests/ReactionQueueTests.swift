import JSON
import SecretSpec
import Testing
import VaultClient

@testable import Agent

@Suite("What follows a change of files, on a model clock")
struct ReactionQueueTests {
    /// A queue with a clock that only the test moves.
    final class Model {
        let origin = ContinuousClock.now
        var queue: ReactionQueue
        var random = 0.5

        init(_ reactions: [AgentPlan.Reaction], interval: Int = 120_000, spread: Int = 0) {
            queue = ReactionQueue(
                reactions: reactions, intervalMilliseconds: interval, restartSpreadSeconds: spread)
        }

        func at(_ seconds: Double) -> ContinuousClock.Instant { origin + .milliseconds(Int(seconds * 1000)) }

        func seconds(_ instant: ContinuousClock.Instant?) -> Double? {
            instant.map { (($0 - origin) / .milliseconds(1)).rounded() / 1000 }
        }

        func change(_ sources: Set<String>, _ seconds: Double) {
            queue.filesChanged(sources, at: at(seconds))
        }

        func look(_ seconds: Double) { queue.extraLookFinished(at: at(seconds)) }

        func start(_ seconds: Double) -> [Int] {
            queue.start(at: at(seconds), random: random).map(\.id)
        }

        func end(_ id: Int, _ error: ReactionError? = nil, _ seconds: Double) {
            queue.finished(id, error.map { .failure($0) } ?? .success(()), at: at(seconds), random: random)
        }

        /// Settles at once: a change, the extra look that finds nothing, the start.
        func settle(_ sources: Set<String>, _ seconds: Double) -> [Int] {
            change(sources, seconds)
            look(seconds + 5)
            return start(seconds + 5)
        }

        var extraLook: Double? { seconds(queue.wantsExtraLook) }
        var deadline: Double? { seconds(queue.nextDeadline) }
        func state(_ id: Int) -> ReactionReport.State { queue.reports[id].state }
    }

    static let refused = ReactionError.request(.notConnected("127.0.0.1:9"))

    static func hangup(_ sources: String...) throws -> AgentPlan.Reaction {
        AgentPlan.Reaction(sources: sources, action: .signal(try #require(Signal(name: "SIGHUP"))))
    }

    static func request(_ path: String, _ sources: String...) -> AgentPlan.Reaction {
        AgentPlan.Reaction(
            sources: sources, action: .request(.init(method: "POST", url: "http://127.0.0.1:9\(path)")))
    }

    static func restart(_ sources: String...) -> AgentPlan.Reaction {
        AgentPlan.Reaction(sources: sources, action: .restartBySignal(graceSeconds: 30))
    }

    @Test("several secrets that change one after the other cause one reaction")
    func settles() throws {
        let model = Model([try Self.hangup("a"), try Self.hangup("b"), Self.request("/", "c")])
        #expect(model.queue.reports.map(\.action) == ["signal SIGHUP", "POST http://127.0.0.1:9/"])
        model.change(["a"], 0)
        #expect(model.extraLook == 5)
        #expect(model.start(4) == [] && model.deadline == nil)
        // An ordinary look finds another one: the quiet time begins anew.
        model.change(["b"], 3)
        #expect(model.extraLook == 8)
        #expect(model.start(8) == [], "the extra look comes first")
        // The extra look finds one more: another one.
        model.change(["a"], 8.2)
        model.look(8.3)
        #expect(model.extraLook == 13.2)
        #expect(model.start(13) == [] && model.state(0) == .waiting)
        model.look(13.4)
        #expect(model.extraLook == nil && model.deadline == 13.4)
        #expect(model.start(13.4) == [0])
        #expect(model.start(13.5) == [] && model.deadline == nil)
        model.end(0, nil, 13.6)
        #expect(model.queue.reports.map(\.state) == [.done, .idle])
        #expect(model.queue.reports[0].succeeded == 1 && model.queue.reports[0].attempts == 1)
        #expect(model.start(1000) == [])
    }

    @Test("a vault that always has something new does not put a reaction off for ever")
    func settlingIsBounded() throws {
        let model = Model([try Self.hangup("a")])
        model.change(["a"], 0)
        var looks: [Double] = []
        while let next = model.extraLook, looks.count < 100 {
            model.change(["a"], next + 0.1)
            model.look(next + 0.2)
            looks.append(next)
        }
        #expect(looks == [5, 10.1, 15])
        #expect(model.start(15.2) == [0])
        // Nor do ordinary looks, however often they come.
        model.end(0, nil, 15.3)
        var second = 20.0
        model.change(["a"], second)
        while let next = model.extraLook, next > second, second < 100 {
            second += 1
            model.change(["a"], second)
        }
        #expect(second == 35)
    }

    @Test("an interval shorter than the quiet time shortens it")
    func shortInterval() throws {
        let model = Model([try Self.hangup("a")], interval: 1000)
        model.change(["a"], 0)
        #expect(model.extraLook == 1)
        // The owner does without the look.
        model.look(1)
        #expect(model.start(1) == [0])
    }

    @Test("a source that no reaction is for changes nothing")
    func unconcerned() throws {
        let model = Model([try Self.hangup("a"), Self.request("/", "b")])
        model.change(["z"], 0)
        #expect(model.extraLook == nil && model.deadline == nil)
        #expect(model.settle(["b", "z"], 1) == [1])
        #expect(model.queue.reports.map(\.state) == [.idle, .waiting])
        // The look of nobody, an end of nobody.
        model.look(7)
        model.end(7, nil, 7)
        model.end(0, Self.refused, 7)
        #expect(model.queue.reports.map(\.state) == [.idle, .waiting])
    }

    @Test("what fails is tried again, 1 s to 60 s later, and shown until it succeeds")
    func retries() throws {
        let model = Model([Self.request("/", "a")])
        #expect(model.settle(["a"], 0) == [0])
        var now = 5.0
        for (index, delay) in [1.0, 2, 4, 8, 16, 32, 60, 60, 60].enumerated() {
            model.end(0, Self.refused, now)
            let report = model.queue.reports[0]
            #expect(report.state == .failed && report.error == Self.refused)
            #expect(report.attempts == index + 1 && report.failed == index + 1)
            #expect(model.seconds(report.lastAttempt) == now)
            #expect(model.deadline == now + delay)
            #expect(model.start(now + delay - 0.01) == [])
            now += delay
            #expect(model.start(now) == [0])
            #expect(model.state(0) == .failed, "it has not succeeded yet")
        }
        model.end(0, nil, now)
        let report = model.queue.reports[0]
        #expect(report.state == .done && report.error == nil && report.succeeded == 1 && report.failed == 9)
        #expect(model.deadline == nil)
    }

    @Test("tries spread by a quarter", arguments: [(0, 0.75), (1, 1.25), (-7, 0.75), (.nan, 0.75), (.infinity, 0.75)])
    func jitter(random: Double, delay: Double) throws {
        let model = Model([Self.request("/", "a")])
        #expect(model.settle(["a"], 0) == [0])
        model.random = random
        model.end(0, Self.refused, 5)
        #expect(model.deadline == 5 + delay)
    }

    @Test("a newer change takes the place of a try that was to come, and is settled like the first")
    func replacedRetry() throws {
        let model = Model([Self.request("/", "a")])
        #expect(model.settle(["a"], 0) == [0])
        model.end(0, Self.refused, 5)
        model.change(["a"], 5.5)
        #expect(model.start(6) == [] && model.deadline == nil)
        #expect(model.state(0) == .waiting)
        model.look(10.5)
        #expect(model.start(10.5) == [0])
        #expect(model.queue.reports[0].attempts == 1)
        model.end(0, nil, 11)
        #expect(model.start(100) == [])
    }

    @Test("a change while the action runs makes it run once more, never twice at once", arguments: [true, false])
    func changeWhileRunning(succeeds: Bool) throws {
        let model = Model([Self.request("/", "a")])
        #expect(model.settle(["a"], 0) == [0])
        #expect(model.settle(["a"], 5.5) == [], "it still runs")
        model.end(0, succeeds ? nil : Self.refused, 20)
        #expect(model.state(0) == .waiting)
        #expect(try #require(model.deadline) <= 20)
        #expect(model.start(20) == [0])
        model.end(0, nil, 21)
        #expect(model.state(0) == .done && model.start(1000) == [])
    }

    @Test("restarts wait for a moment of their own; other reactions do not")
    func restartsSpread() throws {
        let model = Model([Self.restart("a"), Self.request("/", "a")], spread: 60)
        #expect(model.settle(["a"], 0) == [1])
        #expect(model.deadline == 35)
        #expect(model.start(34.9) == [])
        #expect(model.start(35) == [0])
        // A second try is late enough already.
        model.end(0, Self.refused, 40)
        #expect(model.deadline == 41)
    }

    @Test("the spread is from 0 to its whole length", arguments: [(0.0, 5.0), (1, 65)])
    func spreadEnds(random: Double, moment: Double) throws {
        let model = Model([Self.restart("a")], spread: 60)
        model.random = random
        let started = model.settle(["a"], 0)
        #expect(started == (moment == 5 ? [0] : []))
        if started.isEmpty { #expect(model.deadline == moment) }
    }

    @Test("changes that come often do not put a restart off, which starts when the last of them is settled")
    func restartKeepsItsMoment() throws {
        let model = Model([Self.restart("a")], spread: 60)
        #expect(model.settle(["a"], 0) == [])
        #expect(model.deadline == 35)
        #expect(model.settle(["a"], 20) == [] && model.deadline == 35)
        model.change(["a"], 33)
        #expect(model.start(36) == [] && model.deadline == nil, "not before what it is for is settled")
        model.look(38)
        #expect(model.start(38) == [0])
        model.end(0, nil, 70)
        #expect(model.state(0) == .done)
    }

    @Test("what an earlier process has not brought to an end is settled anew, and nothing else")
    func resume() throws {
        let reactions = [try Self.hangup("a"), Self.request("/x", "b")]
        let labels = reactions.map(\.action.label)
        func started(_ unfinished: UnfinishedReactions) -> [Int] {
            let model = Model(reactions)
            model.queue.resume(unfinished, at: model.at(0))
            guard model.extraLook != nil else { return [] }
            #expect(model.extraLook == 5 && model.start(0) == [])
            model.look(5)
            return model.start(5)
        }
        #expect(started(.all) == [0, 1])
        #expect(started(.labelled([labels[1]])) == [1])
        #expect(started(.labelled(["signal SIGTERM"])) == [])
    }

    @Test("the status file tells what is not at an end", arguments: ReactionReport.State.allCases)
    func unfinished(state: ReactionReport.State) throws {
        let action = try Self.hangup("a").action
        let status: JSONValue = [
            "reactions": [["action": .string(action.label), "state": .string(state.rawValue)], 1]
        ]
        let isWanted = state == .waiting || state == .failed
        #expect(UnfinishedReactions(status, isOfThisPublication: true).contains(action) == isWanted)
        // Killed between a publication and the status of it.
        #expect(UnfinishedReactions(status, isOfThisPublication: false).contains(action))
        #expect(UnfinishedReactions(nil, isOfThisPublication: false).contains(action))
    }
}
