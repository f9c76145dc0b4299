import Testing

@testable import Agent

@Suite("Restarts by failing liveness probes")
struct ReactRestartProbesTests {
    let start = ContinuousClock.now

    func at(_ seconds: Double) -> ContinuousClock.Instant { start + .milliseconds(Int(seconds * 1000)) }

    @Test("each container fails for the whole window, however often it is asked about, and lives before and after")
    func window() {
        var probes = RestartProbes()
        #expect(probes.isAlive("web", at: at(0)) && probes.nextEnd == nil)
        probes.request(7, containers: ["web", "worker"], windowSeconds: 35, at: at(0))
        for second in stride(from: 0.0, to: 35, by: 0.5) {
            #expect(!probes.isAlive("web", at: at(second)) && !probes.isAlive("worker", at: at(second)))
            #expect(probes.isAlive("other", at: at(second)))
        }
        #expect(probes.takeFinished(at: at(34.9)) == [] && probes.nextEnd == at(35))
        #expect(probes.isAlive("web", at: at(35)) && probes.isAlive("worker", at: at(35)))
        #expect(probes.takeFinished(at: at(35)) == [7] && probes.takeFinished(at: at(36)) == [])
        #expect(probes.nextEnd == nil)
    }

    @Test("a container that nobody probes does not keep a restart from being done")
    func unprobed() {
        var probes = RestartProbes()
        probes.request(1, containers: ["web", "gone"], windowSeconds: 2, at: at(0))
        #expect(probes.takeFinished(at: at(2)) == [1])
    }

    @Test(
        "the kubelet sees at least six failures in a row, and the container that is started again fewer",
        arguments: 0..<50)
    func kubelet(phase: Int) {
        var probes = RestartProbes()
        probes.request(1, containers: ["web"], windowSeconds: 35, at: at(0))
        let failures = stride(from: Double(phase) / 10, to: 60, by: 5).prefix { !probes.isAlive("web", at: at($0)) }
        #expect(failures.count >= 6 && failures.count - 6 < 6)
        #expect(probes.isAlive("web", at: at(60)))
    }

    @Test("a later request has a window of its own")
    func overlapping() {
        var probes = RestartProbes()
        probes.request(1, containers: ["web"], windowSeconds: 3, at: at(0))
        probes.request(2, containers: ["web", "worker"], windowSeconds: 3, at: at(2))
        #expect(probes.takeFinished(at: at(3)) == [1])
        #expect(!probes.isAlive("web", at: at(4)) && !probes.isAlive("worker", at: at(4)))
        #expect(probes.takeFinished(at: at(5)) == [2] && probes.isAlive("web", at: at(5)))
    }

    @Test("no containers and no time end, too")
    func edges() {
        var probes = RestartProbes()
        probes.request(1, containers: [], windowSeconds: 3, at: at(0))
        probes.request(2, containers: ["web", "web"], windowSeconds: -1, at: at(0))
        #expect(probes.takeFinished(at: at(1)) == [2] && probes.takeFinished(at: at(3)) == [1])
    }
}
