import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// The built agent in mode `refresh`, as its container runs it.
@Suite("Mode refresh", .timeLimit(.minutes(5)))
struct RefreshProcessTests {
    let bench: AgentBench

    init() throws { bench = try AgentBench() }

    func plan(
        _ vault: RotatingVault, interval: Int = 30, onRevoked: AgentPlan.OnRevoked = .keep, port: UInt16? = nil,
        metrics: Bool = false, reactions: [AgentPlan.Reaction] = []
    ) throws -> AgentPlan {
        try bench.plan(
            files: ["db", "json"].map { name in
                AgentPlan.File(
                    source: "latchkey.dev/secret.\(name)", path: try #require(RelativePath(name)), mode: 0o440,
                    reference: try SecretReference(parsing: "akv://shop/\(name)"))
            }, vault: vault.server,
            refresh: AgentPlan.Refresh(
                intervalMilliseconds: interval, onRevoked: onRevoked, reactions: reactions, port: port,
                servesMetrics: metrics))
    }

    func start(_ plan: AgentPlan) throws -> Program.Running {
        try Program.agent.start(["refresh"], environment: bench.environment(plan))
    }

    func ready(_ plan: AgentPlan) throws -> Program.Outcome {
        try Program.agent.run(["ready"], environment: bench.environment(plan))
    }

    func state(_ index: Int = 0) -> String? { bench.status?["objects"]?.array?[index]["state"]?.string }

    @Test("fetches, follows rotation, tells it, and ends well on a signal", arguments: [SIGTERM, SIGINT])
    func rotation(signal: Int32) throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let plan = try plan(vault)
        let before = try ready(plan)
        #expect(before.status == 1 && before.errors.contains("no files are published") && before.output.isEmpty)
        let agent = try start(plan)
        #expect(eventually { bench.volume.visible["db"] == "canary-1" && bench.status != nil })
        #expect(try ready(plan).status == 0)
        let generation = bench.status?["generation"]?.string
        let reads = vault.reads(of: "db")
        #expect(eventually { vault.reads(of: "db") > reads + 3 })
        // Looks that find nothing new leave everything as it is.
        #expect(bench.status?["generation"]?.string == generation)

        vault.set("db", to: "canary-3")
        #expect(eventually { bench.volume.visible["db"] == "canary-3" })
        #expect(
            eventually {
                bench.status?["objects"]?.array?.first?["version"]?.string == RotatingVault.version(2)
                    && bench.status?["generation"]?.string != generation
            })
        #expect(bench.volume.visible["json"] == "canary-2" && state() == "current")
        #expect(try bench.volume.mode("..status.json") == 0o444)
        #expect(vault.logins.count == 1)
        agent.send(signal)
        let outcome = try agent.wait()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("wrote 2 files from akv://shop"))
        #expect(outcome.output.contains("published 1 changed file: latchkey.dev/secret.db\n"))
        #expect(outcome.errors.isEmpty && bench.message == "old")
        for canary in AgentBench.canaries {
            #expect(!outcome.output.contains(canary) && bench.status?.text.contains(canary) == false)
        }
        #expect(bench.volume.leftovers(besides: ["db", "json"]) == ["..status.json"])
    }

    @Test("a first fetch that fails ends it as it ends init, and a signal in it is 143")
    func start() throws {
        let vault = try RotatingVault(["db": "canary"])
        defer { vault.server.stop() }
        let plan = try plan(vault)
        let outcome = try Program.agent.run(["refresh"], environment: bench.environment(plan))
        bench.expectFailure(outcome, .refused, "latchkey.dev/secret.json", "akv://shop/json")
        vault.fail("json", with: .silence)
        let agent = try start(plan)
        let before = vault.reads(of: "json")
        #expect(eventually { vault.reads(of: "json") > before })
        agent.send(SIGTERM)
        bench.expectFailure(try agent.wait(), .terminated, "signal")
    }

    @Test("a signal in the middle of a look ends it at once, with a whole generation")
    func busy() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let agent = try start(plan(vault))
        #expect(eventually { bench.status != nil })
        vault.fail("json", with: .silence)
        vault.set("db", to: "canary-3")
        let before = vault.reads(of: "json")
        #expect(eventually { vault.reads(of: "json") > before })
        let sent = ContinuousClock.now
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
        // The look could take 20 s; a busy machine needs some of the 2 that are allowed.
        #expect(ContinuousClock.now - sent < .seconds(5))
        #expect(bench.volume.visible == ["db": "canary-1", "json": "canary-2"])
    }

    @Test("what an earlier process left is taken over without a fetch, with what it knew")
    func warmStart() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let plan = try plan(vault, interval: 600_000)
        #expect(try Program.agent.run(["init"], environment: bench.environment(plan)).status == 0)
        let reads = vault.reads(of: "db")
        let old = try #require(bench.status)
        #expect(state() == "current" && old["objects"]?.array?.first?["version"]?.string == RotatingVault.version(1))
        unlink(bench.volume.path + "/..status.new")
        let stamp = try bench.volume.status("..status.json").st_ino
        let agent = try start(plan)
        #expect(try eventually { try bench.volume.status("..status.json").st_ino != stamp })
        #expect(bench.status?["objects"] == old["objects"] && bench.status?["lastSuccess"] == old["lastSuccess"])
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0 && outcome.output.contains("looks for new versions every 600 s"), "\(outcome)")
        #expect(vault.reads(of: "db") == reads)
    }

    @Test("keep: a revoked secret stays and the others go on; back again, it follows")
    func keep() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let agent = try start(plan(vault))
        #expect(eventually { bench.status != nil })
        vault.fail("db", with: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#))
        vault.set("json", to: "canary-3")
        #expect(eventually { state() == "revoked" && bench.volume.visible["json"] == "canary-3" })
        #expect(bench.volume.visible["db"] == "canary-1")
        vault.set("db", to: "canary-4")
        vault.fail("db", with: nil)
        #expect(eventually { state() == "current" && bench.volume.visible["db"] == "canary-4" })
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0)
        // One line when it began and one when it was over, however many looks there were.
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(outcome.output.contains("akv://shop/db is read again"))
    }

    @Test("remove: the revoked secret's file goes; a restarted agent does not take that for a start")
    func remove() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let plan = try plan(vault, onRevoked: .remove)
        var agent = try start(plan)
        #expect(eventually { bench.status != nil })
        vault.fail("db", with: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#))
        #expect(eventually { state() == "removed" && bench.volume.visible == ["json": "canary-2"] })
        agent.send(SIGKILL)
        #expect(try agent.wait().wasKilled)
        agent = try start(plan)
        let reads = vault.reads(of: "db")
        #expect(eventually { vault.reads(of: "db") > reads + 2 })
        #expect(state() == "removed" && bench.volume.visible == ["json": "canary-2"])
        vault.fail("db", with: nil)
        #expect(eventually { state() == "current" && bench.volume.visible["db"] == "canary-1" })
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
    }

    @Test("fail: the agent ends, and ends again until the secret is back; the files stay")
    func fail() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let plan = try plan(vault, onRevoked: .fail)
        let agent = try start(plan)
        #expect(eventually { bench.status != nil })
        vault.fail("db", with: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#))
        let outcome = try agent.wait()
        #expect(outcome.status == ExitCode.refused.rawValue, "\(outcome)")
        #expect(state() == "revoked" && bench.message.contains("latchkey.dev/secret.db: akv://shop/db"))
        #expect(bench.volume.visible == ["db": "canary-1", "json": "canary-2"])

        // It looks at once, whatever the interval.
        let slow = try self.plan(vault, interval: 600_000, onRevoked: .fail)
        #expect(try Program.agent.run(["refresh"], environment: bench.environment(slow)).status == 5)
        vault.fail("db", with: nil)
        let reads = vault.reads(of: "db")
        let again = try start(slow)
        #expect(eventually { vault.reads(of: "db") > reads && state() == "current" })
        again.send(SIGTERM)
        #expect(try again.wait().status == 0)
    }

    @Test("the service-account token is read anew for each login, and an expired one is never sent")
    func tokenSwap() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let agent = try start(plan(vault))
        #expect(eventually { bench.status != nil })
        let first = AgentBench.token(expires: 4_000_000_000)
        #expect(vault.logins.count == 1 && vault.logins[0].contains(first))

        // The kubelet projects another token; the vault stops taking the access token of the first login.
        let second = AgentBench.token(expires: 4_000_000_001)
        try bench.write(second, to: "token")
        vault.set("db", to: "canary-3")
        vault.changeAccessToken(to: "canary-second")
        #expect(eventually { bench.volume.visible["db"] == "canary-3" })
        #expect(vault.logins.count == 2 && vault.logins[1].contains(second) && !vault.logins[1].contains(first))

        // A projected token that is too old: no login, the files stay, and the status says why.
        try bench.write(AgentBench.token(expires: 1_700_000_100), to: "token")
        vault.changeAccessToken(to: "canary-third")
        #expect(eventually { state() == "stale" })
        #expect(bench.status?["objects"]?.array?[0]["error"]?["kind"]?.string == "service_account_token")
        #expect(vault.logins.count == 2 && bench.volume.visible["db"] == "canary-3")

        try bench.write(AgentBench.token(expires: 4_000_000_002), to: "token")
        vault.set("db", to: "canary-4")
        #expect(eventually { bench.volume.visible["db"] == "canary-4" && state() == "current" })
        #expect(vault.logins.count == 3)
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0)
        for canary in AgentBench.canaries { #expect(!outcome.errors.contains(canary)) }
    }

    @Test("throttled: it asks no more before the time that it was told, though the interval is short")
    func throttled() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let agent = try start(plan(vault))
        #expect(eventually { bench.status != nil })
        vault.fail(
            "db",
            with: .json(429, #"{"error":{"code":"Throttled","message":"canary"}}"#, headers: ["Retry-After: 600"]))
        #expect(eventually { state() == "stale" })
        let reads = vault.server.requests.count
        usleep(500_000)
        // The other secret of that look may have been on its way.
        #expect(vault.server.requests.count <= reads + 1)
        #expect(bench.status?["objects"]?.array?[0]["error"]?["kind"]?.string == "throttled")
        #expect(bench.status?["intervalSeconds"]?.number?.text == "0.060")
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
    }

    @Test("throttled for a while: asking resumes and what was missed arrives")
    func throttledAndBack() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let agent = try start(plan(vault))
        #expect(eventually { bench.status != nil })
        vault.fail(
            "db",
            with: .json(429, #"{"error":{"code":"Throttled","message":"canary"}}"#, headers: ["Retry-After: 1"]))
        vault.set("db", to: "canary-3")
        #expect(eventually { bench.status?["objects"]?.array?[0]["error"]?["kind"]?.string == "throttled" })
        let before = try #require(bench.status?["lastSuccess"]?.string)
        vault.fail("db", with: nil)
        #expect(eventually { bench.volume.visible["db"] == "canary-3" && state() == "current" })
        #expect(eventually { (bench.status?["lastSuccess"]?.string ?? "") > before })
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
    }

    @Test("a secret that has expired is told once, however many looks there are and however long it was ago")
    func expired() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        vault.expire("db")
        let agent = try start(plan(vault))
        #expect(eventually { bench.status != nil })
        vault.expire("json")
        // The sentence names seconds: they must pass.
        let end = ContinuousClock.now + .milliseconds(2500)
        let reads = vault.reads(of: "db")
        #expect(eventually { vault.reads(of: "db") > reads + 20 && ContinuousClock.now > end })
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0)
        let warnings = outcome.errors.split(separator: "\n")
        #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("expired") }, "\(outcome.errors)")
    }

    @Test("fail behind an init container: the first look comes as any other; only a restarted refresh looks at once")
    func looksAtOnce() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let plan = try plan(vault, interval: 600_000, onRevoked: .fail)
        #expect(try Program.agent.run(["init"], environment: bench.environment(plan)).status == 0)
        #expect(bench.status?["intervalSeconds"] == nil)
        let reads = vault.reads(of: "db")
        let first = try start(plan)
        #expect(eventually { bench.status?["intervalSeconds"] != nil })
        // A look at once would have been on its way before the status was written.
        usleep(300_000)
        #expect(vault.reads(of: "db") == reads)
        first.send(SIGKILL)
        #expect(try first.wait().wasKilled)
        let second = try start(plan)
        #expect(eventually { vault.reads(of: "db") == reads + 1 })
        second.send(SIGTERM)
        #expect(try second.wait().status == 0)
    }

    @Test("keep after a restart: a revoked secret stays, and the others go on")
    func keepAfterRestart() throws {
        let vault = try RotatingVault(["db": "canary-1", "json": "canary-2"])
        defer { vault.server.stop() }
        let plan = try plan(vault)
        #expect(try Program.agent.run(["init"], environment: bench.environment(plan)).status == 0)
        vault.fail("db", with: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#))
        vault.set("json", to: "canary-3")
        let agent = try start(plan)
        #expect(eventually { state() == "revoked" && bench.volume.visible["json"] == "canary-3" })
        #expect(bench.volume.visible["db"] == "canary-1" && state(1) == "current")
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
    }
}

extension JSONValue {
    fileprivate var number: JSONNumber? { if case .number(let number) = self { number } else { nil } }
}
