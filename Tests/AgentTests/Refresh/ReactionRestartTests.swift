import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// What an agent was still to do when it was killed, the next one does.
@Suite("Reactions of an agent that is killed", .timeLimit(.minutes(5)))
struct ReactionRestartTests {
    /// Where the agent was.
    enum Moment: CaseIterable {
        /// The change is not settled yet.
        case settling
        /// The request is on its way.
        case running
        /// The application refused the connection.
        case failed
        /// The new files are there, and the status file does not tell it yet.
        case unwritten
        /// Nothing was to be done.
        case done
    }

    let bench: AgentBench
    let vault: RotatingVault

    init() throws {
        bench = try AgentBench()
        vault = try RotatingVault(["db": "canary-1"])
    }

    var state: String? { bench.status?["reactions"]?.array?.first?["state"]?.string }

    func start(_ action: AgentPlan.Action, spread: Int = 0, port: UInt16? = nil) throws -> Program.Running {
        let plan = try bench.plan(
            files: [
                AgentPlan.File(
                    source: "latchkey.dev/secret.db", path: try #require(RelativePath("db")), mode: 0o440,
                    reference: try SecretReference(parsing: "akv://shop/db"))
            ], vault: vault.server,
            refresh: AgentPlan.Refresh(
                intervalMilliseconds: 1000, reactions: [.init(sources: ["latchkey.dev/secret.db"], action: action)],
                restartSpreadSeconds: spread, port: port))
        return try Program.agent.start(["refresh"], environment: bench.environment(plan))
    }

    func kill(_ agent: Program.Running) throws {
        agent.send(SIGKILL)
        #expect(try agent.wait().wasKilled)
    }

    @Test("a request is made by the next one", arguments: Moment.allCases)
    func request(moment: Moment) throws {
        defer { vault.server.stop() }
        let ok = ReactLoopbackServer.Answer.bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let before = try ReactLoopbackServer(moment == .done ? ok : .silence)
        let action = AgentPlan.Action.request(
            .init(method: "POST", url: "http://127.0.0.1:\(before.port)/-/reload"))
        if moment == .failed { before.stop() }
        let agent = try start(action)
        #expect(eventually { state == "idle" })
        switch moment {
        case .settling:
            vault.set("db", to: "canary-2")
            #expect(eventually { state == "waiting" })
            #expect(before.requests.isEmpty)
        case .running:
            vault.set("db", to: "canary-2")
            #expect(eventually { !before.requests.isEmpty && state == "waiting" })
        case .failed:
            vault.set("db", to: "canary-2")
            #expect(eventually { state == "failed" })
        case .done:
            vault.set("db", to: "canary-2")
            #expect(eventually { state == "done" })
        case .unwritten: break
        }
        try kill(agent)
        if moment == .unwritten {
            // As the agent does it, up to where it was killed.
            vault.set("db", to: "canary-2")
            try AtomicDirectory(path: bench.volume.path, group: nil).publish([file("db", "canary-2", mode: 0o440)])
        }
        before.stop()
        let requests = before.requests.count
        let after = try ReactLoopbackServer(ok, port: before.port)
        defer { after.stop() }
        let next = try start(action)
        if moment == .done {
            let reads = vault.reads(of: "db")
            #expect(eventually { vault.reads(of: "db") > reads + 2 })
            #expect(state == "idle" && after.requests.isEmpty && requests == 1)
        } else {
            #expect(eventually { state == "done" }, "\(moment)")
            #expect(after.requests.count == 1 && bench.volume.visible["db"] == "canary-2")
        }
        next.send(SIGTERM)
        #expect(try next.wait().status == 0)
    }

    @Test("a restart whose moment had not come, and one whose window was open")
    func restart() throws {
        defer { vault.server.stop() }
        let free = try ReactLoopbackServer(.silence)
        free.stop()
        let action = AgentPlan.Action.restartByProbe(containers: ["app"], windowSeconds: 60)
        var agent = try start(action, spread: 3600, port: free.port)
        #expect(eventually { state == "idle" })
        vault.set("db", to: "canary-2")
        #expect(eventually { state == "waiting" })
        try kill(agent)
        // Without a spread, so that its moment comes.
        agent = try start(action, port: free.port)
        let attempts = { bench.status?["reactions"]?.array?.first?["attempts"]?.int }
        #expect(eventually { state == "waiting" && attempts() == 1 })
        try kill(agent)
        agent = try start(action, port: free.port)
        #expect(eventually { attempts() == 0 && state == "waiting" })
        #expect(eventually { attempts() == 1 && state == "waiting" })
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
    }
}
