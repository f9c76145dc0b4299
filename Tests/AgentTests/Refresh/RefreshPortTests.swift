import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// The running agent's port and its reactions.
@Suite("Mode refresh beside an application", .timeLimit(.minutes(3)))
struct RefreshPortTests {
    let bench: AgentBench
    let vault: RotatingVault

    init() throws {
        bench = try AgentBench()
        vault = try RotatingVault(["db": "canary-1"])
    }

    func plan(_ refresh: AgentPlan.Refresh) throws -> AgentPlan {
        try bench.plan(
            files: [
                AgentPlan.File(
                    source: "latchkey.dev/secret.db", path: try #require(RelativePath("db")), mode: 0o440,
                    reference: try SecretReference(parsing: "akv://shop/db"))
            ], vault: vault.server, refresh: refresh)
    }

    /// A port that was free a moment ago, and the socket that keeps it where it is to be taken.
    func freePort(keeps: Bool = false) throws -> (port: UInt16, socket: Int32) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | listen(descriptor, 1) | getsockname(descriptor, $0, &length)
            }
        }
        try #require(status == 0)
        if !keeps { close(descriptor) }
        return (UInt16(bigEndian: address.sin_port), keeps ? descriptor : -1)
    }

    func get(_ port: UInt16, _ path: String) throws -> (status: Int, body: String) {
        let curl = try #require(Program.tool("curl"))
        let outcome = try curl.run(["-sS", "-m", "5", "-w", "\n%{http_code}", "http://127.0.0.1:\(port)\(path)"])
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last.flatMap { Int($0) } ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    @Test("health and metrics, which tell a revoked secret apart")
    func pages() throws {
        defer { vault.server.stop() }
        let port = try freePort().port
        let agent = try Program.agent.start(
            ["refresh"],
            environment: bench.environment(
                plan(AgentPlan.Refresh(intervalMilliseconds: 30, port: port, servesMetrics: true))))
        #expect(try eventually { try get(port, "/healthz").status == 200 })
        #expect(try get(port, "/").status == 404 && get(port, "/restart/app").status == 200)
        vault.fail("db", with: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#))
        let revoked = #"latchkey_agent_secret_state{reference="akv://shop/db",state="revoked"} 1"#
        #expect(try eventually { try get(port, "/metrics").body.contains(revoked) })
        let metrics = try get(port, "/metrics").body
        for name in [
            "latchkey_agent_secret_age_seconds{reference=\"akv://shop/db\"} ",
            "latchkey_agent_looks_total{outcome=\"good\"} ", "latchkey_agent_looks_total{outcome=\"throttled\"} 0\n",
            "latchkey_agent_refresh_interval_seconds 0.03\n",
            "latchkey_agent_generation_published_timestamp_seconds 1",
        ] {
            #expect(metrics.contains(name), "\(name) in \(metrics)")
        }
        #expect(!metrics.contains("canary"))
        #expect(try get(port, "/healthz").status == 200)
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
    }

    @Test("restart by probe: after a change each probe fails for the planned time, whoever else asks, and then no more")
    func restart() throws {
        defer { vault.server.stop() }
        let port = try freePort().port
        let agent = try Program.agent.start(
            ["refresh"],
            environment: bench.environment(
                plan(
                    AgentPlan.Refresh(
                        intervalMilliseconds: 30,
                        reactions: [
                            .init(
                                sources: ["latchkey.dev/secret.db"],
                                action: .restartByProbe(containers: ["app"], windowSeconds: 2))
                        ], port: port))))
        #expect(try eventually { try get(port, "/restart/app").status == 200 })
        #expect(try get(port, "/metrics").status == 404)
        vault.set("db", to: "canary-2")
        #expect(try eventually { try get(port, "/restart/app").status == 500 })
        // Strangers take nothing from the kubelet: while the window lasts, every probe fails.
        let second = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < second {
            let status = try get(port, "/restart/app").status
            // The window lasts two seconds, of which asking may have taken a part.
            #expect(status == 500 || ContinuousClock.now > second)
            #expect(try get(port, "/restart/other").status == 200)
        }
        #expect(bench.status?["reactions"]?.array?.first?["state"]?.string == "waiting")
        #expect(try eventually { try get(port, "/restart/app").status == 200 })
        #expect(eventually { bench.status?["reactions"]?.array?.first?["state"]?.string == "done" })
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0 && outcome.output.contains("restart app: done"), "\(outcome)")
    }

    @Test("a request that is refused is tried again until the application is there, and shown")
    func request() throws {
        defer { vault.server.stop() }
        let port = try freePort().port
        let request = AgentPlan.LoopbackRequest(method: "POST", url: "http://127.0.0.1:\(port)/-/reload")
        let agent = try Program.agent.start(
            ["refresh"],
            environment: bench.environment(
                plan(
                    AgentPlan.Refresh(
                        intervalMilliseconds: 30,
                        reactions: [.init(sources: ["latchkey.dev/secret.db"], action: .request(request))]))))
        #expect(eventually { bench.status?["reactions"]?.array?.first?["state"]?.string == "idle" })
        vault.set("db", to: "canary-2")
        #expect(eventually { bench.status?["reactions"]?.array?.first?["state"]?.string == "failed" })
        #expect(bench.status?["reactions"]?.array?.first?["error"]?.string?.isEmpty == false)
        #expect(bench.volume.visible["db"] == "canary-2")
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0 && outcome.errors.contains("failed and is tried again"), "\(outcome)")
    }

    @Test("a port that is taken: with restarts by probe the agent ends, else it goes on with a warning")
    func taken() throws {
        defer { vault.server.stop() }
        let (port, socket) = try freePort(keeps: true)
        defer { close(socket) }
        let restart = AgentPlan.Reaction(
            sources: ["latchkey.dev/secret.db"], action: .restartByProbe(containers: ["app"], windowSeconds: 2))
        let outcome = try Program.agent.run(
            ["refresh"],
            environment: bench.environment(
                plan(AgentPlan.Refresh(intervalMilliseconds: 30, reactions: [restart], port: port))))
        #expect(outcome.status == ExitCode.system.rawValue && bench.message.contains("port \(port)"), "\(outcome)")
        let agent = try Program.agent.start(
            ["refresh"],
            environment: bench.environment(plan(AgentPlan.Refresh(intervalMilliseconds: 30, port: port))))
        vault.set("db", to: "canary-2")
        #expect(eventually { bench.volume.visible["db"] == "canary-2" })
        agent.send(SIGTERM)
        let other = try agent.wait()
        #expect(other.status == 0 && other.errors.contains("port \(port)"), "\(other)")
    }
}
