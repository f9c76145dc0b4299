import Testing

@testable import Agent

@Suite("Restarts by failing liveness probes")
struct ReactRestartProbesTests {
    final class Probes {
        private var probes = RestartProbes()
        func request(_ id: Int, _ containers: [String], _ failures: Int) {
            probes.request(id, containers: containers, failures: failures)
        }
        func answer(_ container: String) -> Bool { probes.answer(container: container) }
        var isDone: Bool { probes.isDone }
        func takeFinished() -> [Int] { probes.takeFinished() }
    }

    @Test("each container fails exactly so often, in a row, and lives before and after", arguments: [1, 3, 6])
    func exact(failures: Int) {
        let probes = Probes()
        #expect(probes.answer("web") && probes.isDone)
        probes.request(7, ["web", "worker"], failures)
        for _ in 0..<failures { #expect(!probes.answer("web")) }
        for _ in 0..<5 { #expect(probes.answer("web")) }
        #expect(!probes.isDone && probes.takeFinished() == [])
        for _ in 0..<failures { #expect(!probes.answer("worker")) }
        #expect(probes.answer("worker") && probes.answer("other"))
        #expect(probes.isDone && probes.takeFinished() == [7] && probes.takeFinished() == [])
    }

    @Test("a restart that is still to come serves a second request, too")
    func overlapping() {
        let probes = Probes()
        probes.request(1, ["web"], 3)
        #expect(!probes.answer("web"))
        probes.request(2, ["web", "worker"], 3)
        #expect(!probes.answer("web") && !probes.answer("web"))
        #expect(probes.answer("web"))
        #expect(probes.takeFinished() == [1] && !probes.isDone)
        for _ in 0..<3 { #expect(!probes.answer("worker")) }
        #expect(probes.takeFinished() == [2] && probes.isDone)
    }

    @Test("no containers, and the same again")
    func edges() {
        let probes = Probes()
        probes.request(1, [], 3)
        #expect(probes.isDone && probes.takeFinished() == [1])
        probes.request(1, ["web", "web"], 0)
        #expect(!probes.answer("web") && probes.answer("web"))
        #expect(probes.takeFinished() == [1])
    }
}
