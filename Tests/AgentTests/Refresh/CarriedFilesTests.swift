import Foundation
import Glibc
import JSON
import SecretSpec
import Testing
import VaultClient

@testable import Agent

/// The policy `keep`, look by look: what needs a revoked secret stays byte for byte, and everything else goes on.
@Suite("What is carried over", .timeLimit(.minutes(2)))
struct CarriedFilesTests {
    static let gone = ScriptedVault.Answer.json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#)

    let bench: AgentBench
    let vault: RotatingVault
    let environments: TemporaryFolder
    let plan: AgentPlan
    let client: VaultClient

    init() throws {
        bench = try AgentBench()
        environments = try TemporaryFolder()
        vault = try RotatingVault([
            "one": "one-1", "two": "two-1", "json": #"{\"a\":\"a-1\",\"b\":\"b-1\"}"#,
        ])
        func file(_ path: String, _ content: AgentPlan.File.Content, mode: UInt32 = 0o440) throws -> AgentPlan.File {
            AgentPlan.File(
                source: "latchkey.dev/secret.\(path)", path: try #require(RelativePath(path)), mode: mode,
                content: content)
        }
        let (one, two) = try (SecretReference(parsing: "akv://shop/one"), SecretReference(parsing: "akv://shop/two"))
        plan = try bench.plan(
            files: [
                file("deep/one", .reference(one), mode: 0o040), file("two", .reference(two)),
                file("both", .template(Template(pieces: [.secret(one, nil), .text(" "), .secret(two, nil)]))),
                file("all", .reference(SecretReference(parsing: "akv://shop/json#*"))),
            ], vault: vault.server,
            environments: AgentPlan.Environments(
                directory: environments.path,
                containers: [
                    EnvironmentBench.container(["akv://shop/one", "akv://shop/two"]),
                    EnvironmentBench.container(["akv://shop/two"], name: "side"),
                    EnvironmentBench.kubelet([("A", "${akv://shop/one}"), ("B", "${akv://shop/two}")]).renamed("third"),
                ]), refresh: AgentPlan.Refresh(intervalMilliseconds: 1000))
        client = VaultClient(plan: plan, options: VaultClient.Options(environment: [:]))
    }

    /// An agent that has just been started, with what is in the volumes.
    func refresher() -> Refresher {
        let sink = open("/dev/null", O_RDWR | O_CLOEXEC)
        return Refresher(
            plan: plan, policy: .keep, client: client,
            console: Console(environment: [:], output: sink, errors: sink),
            report: StatusReport(plan: plan, now: .now), publisher: Publisher(plan))
    }

    func look(_ refresher: inout Refresher) async throws -> Set<String> {
        let needs = try EnvironmentNeeds(plan)
        let snapshot = await client.look(deadline: .now + .seconds(20), also: needs.references)
        return try refresher.take(snapshot, .success(needs), at: .now)
    }

    func environment(_ container: String) throws -> String {
        String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: "\(environments.path)/\(container)/environment")),
            as: UTF8.self)
    }

    func states(_ refresher: Refresher) -> [String: String] {
        Dictionary(
            refresher.report.objects.map {
                (String($0.reference.dropFirst("akv://shop/".count).prefix { $0 != "#" }), $0.state.rawValue)
            }
        ) { first, _ in first }
    }

    @Test(
        "files, templates, directories and environments, in one process and after a restart", arguments: [false, true])
    func carried(isRestarted: Bool) async throws {
        defer {
            vault.server.stop()
            client.shutdown()
        }
        var agent = refresher()
        _ = try await look(&agent)
        let app = try environment("app")
        #expect(app.contains("one-1") && app.contains("two-1"))
        if isRestarted { agent = refresher() }
        vault.fail("one", with: Self.gone)
        vault.fail("json", with: Self.gone)
        vault.set("two", to: "two-2")
        let changed = try await look(&agent)
        #expect(changed == ["latchkey.dev/secret.two", "side: akv://shop/two"])
        let visible = bench.volume.visible
        #expect(
            visible == [
                "deep/one": "one-1", "two": "two-2", "both": "one-1 two-1", "all/a": "a-1", "all/b": "b-1",
            ])
        #expect(try bench.volume.mode("deep/one") == 0o040 && bench.volume.mode("both") == 0o440)
        #expect(try environment("app") == app && environment("side").contains("two-2"))
        #expect(try environments.text("third.env") == "A='one-1'\nB='two-1'\n")
        // Some of what needs the other secret shows an earlier version of it.
        #expect(states(agent) == ["one": "revoked", "two": "stale", "json": "revoked"])

        // Again and again, until the secret is back; then everything follows.
        #expect(try await look(&agent) == [])
        vault.fail("one", with: nil)
        vault.fail("json", with: nil)
        vault.set("one", to: "one-2")
        _ = try await look(&agent)
        #expect(bench.volume.visible["both"] == "one-2 two-2" && bench.volume.visible["deep/one"] == "one-2")
        #expect(try environment("app").contains("one-2"))
        #expect(states(agent) == ["one": "current", "two": "current", "json": "current"])
        #expect(agent.report.lastSuccess == agent.report.lastLook && agent.report.fault == nil)
    }

    @Test(
        "nothing is published where what is to stay is not there, and that is no success",
        arguments: ["both", "all", "app", "third"])
    func missing(what: String) async throws {
        defer {
            vault.server.stop()
            client.shutdown()
        }
        var agent = refresher()
        _ = try await look(&agent)
        let success = try #require(agent.report.lastSuccess)
        switch what {
        case "both": unlink(bench.volume.path + "/..data/both")
        case "all": try FileManager.default.removeItem(atPath: bench.volume.path + "/..data/all")
        case "app": unlink(environments.path + "/app/..data")
        default: unlink(environments.path + "/third.env")
        }
        vault.fail(what == "all" ? "json" : "one", with: Self.gone)
        vault.set("two", to: "two-2")
        #expect(try await look(&agent) == [])
        #expect(bench.volume.visible["two"] == "two-1")
        #expect(agent.report.lastSuccess == success && agent.report.lastLook != success)
        let fault = try #require(agent.report.fault)
        #expect(fault.message.contains(what) && fault.message.contains("is revoked"), "\(fault)")
        // It is no trap: with the secret back everything is written.
        vault.fail(what == "all" ? "json" : "one", with: nil)
        _ = try await look(&agent)
        #expect(bench.volume.visible["both"] == "one-1 two-2" && bench.volume.visible["all/a"] == "a-1")
        #expect(try environment("app").contains("two-2") && agent.report.fault == nil)
    }
}
