import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// What happens to environments after the start.
@Suite(
    "Environments and rotation", .enabled(if: EnvironmentBench.hasWrapper, "not built: run 'make exec'"),
    .timeLimit(.minutes(5)))
struct EnvironmentRefreshTests {
    static func refresh(
        _ policy: AgentPlan.OnRevoked = .keep, reactions: [AgentPlan.Reaction] = []
    ) -> AgentPlan.Refresh {
        AgentPlan.Refresh(intervalMilliseconds: 30, onRevoked: policy, reactions: reactions)
    }

    @Test("a new version reaches environment and file together, and the reactions of its users alone")
    func rotation() throws {
        let bench = try EnvironmentBench(["db": "canary-1", "other": "canary-2"])
        defer { bench.stop() }
        let reactions = ["app: akv://shop/db", "side: akv://shop/other"].map { source in
            AgentPlan.Reaction(
                sources: [source], action: .restartByProbe(containers: [String(source.prefix(3))], windowSeconds: 1))
        }
        let plan = try bench.plan(
            [
                EnvironmentBench.container(["akv://shop/db", "akv://shop/other"]),
                EnvironmentBench.container(["akv://shop/other"], name: "side"),
                EnvironmentBench.kubelet([("PW", "${akv://shop/db}")]).renamed("third"),
            ], files: ["db"], refresh: Self.refresh(reactions: reactions))
        #expect(try Program.agent.run(["ready"], environment: bench.environment(plan)).status == 1)
        let agent = try bench.refresh(plan)
        #expect(eventually { bench.bench.status != nil })
        #expect(try Program.agent.run(["ready"], environment: bench.environment(plan)).status == 0)
        #expect(try bench.seen(["A": "${akv://shop/db}"]) == ["A": "canary-1"])
        let side = try FileManager.default.destinationOfSymbolicLink(atPath: bench.volume.path + "/side/..data")
        let reads = bench.vault.reads(of: "db")
        #expect(eventually { bench.vault.reads(of: "db") > reads + 3 })

        bench.vault.set("db", to: "canary-3")
        #expect(eventually { bench.bench.volume.visible["db"] == "canary-3" })
        // The environments were there first.
        #expect(
            try bench.seen(["A": "${akv://shop/db}", "B": "<${akv://shop/other}>"]) == [
                "A": "canary-3", "B": "<canary-2>",
            ])
        #expect(try bench.volume.text("third.env") == "PW='canary-3'\n" && bench.volume.mode("third.env") == 0o400)
        #expect(eventually { bench.bench.status?["reactions"]?.array?.first?["state"]?.string == "waiting" })
        #expect(bench.bench.status?["reactions"]?.array?.last?["state"]?.string == "idle")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: bench.volume.path + "/side/..data") == side)
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(
            outcome.output.contains(
                "published 1 changed file and the environment of app, third: app: akv://shop/db, env[PW], latchkey.dev/secret.db"
            ), "\(outcome.output)")
        #expect(bench.volume.names == [".bin", "app", "side", "third.env"])
        bench.expectNoCanary(outcome)
    }

    @Test("one value that is unusable publishes nothing of all")
    func unusable() throws {
        let bench = try EnvironmentBench(["db": "canary-1", "other": "canary-2"])
        defer { bench.stop() }
        let plan = try bench.plan(
            [EnvironmentBench.container(["akv://shop/db", "akv://shop/other"])], files: ["db"], refresh: Self.refresh())
        let agent = try bench.refresh(plan)
        #expect(eventually { bench.bench.status != nil })
        bench.vault.set("other", to: #"canary\u0000"#)
        bench.vault.set("db", to: "canary-3")
        #expect(eventually { bench.bench.status?["error"]?["kind"]?.string == "environment" })
        #expect(bench.bench.volume.visible["db"] == "canary-1")
        #expect(try bench.seen(["A": "${akv://shop/db}"]) == ["A": "canary-1"])
        bench.vault.set("other", to: "canary-4")
        #expect(eventually { bench.bench.volume.visible["db"] == "canary-3" })
        #expect(try bench.seen(["A": "${akv://shop/other}"]) == ["A": "canary-4"])
        agent.send(SIGTERM)
        bench.expectNoCanary(try agent.wait())
    }

    @Test(
        "a secret that is gone stays, or takes its container's environment away",
        arguments: AgentPlan.OnRevoked.allCases)
    func revoked(policy: AgentPlan.OnRevoked) throws {
        let bench = try EnvironmentBench(["db": "canary-1", "other": "canary-2"])
        defer { bench.stop() }
        let containers = try [
            EnvironmentBench.container(["akv://shop/db"]),
            EnvironmentBench.container(["akv://shop/other"], name: "side"),
            EnvironmentBench.kubelet([("PW", "${akv://shop/db}")]).renamed("third"),
        ]
        let agent = try bench.refresh(bench.plan(containers, refresh: Self.refresh(policy)))
        #expect(eventually { bench.bench.status != nil })
        bench.vault.fail("db", with: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#))
        let environment = ["A": "${akv://shop/db}"]
        switch policy {
        case .keep:
            #expect(eventually { bench.bench.status?["objects"]?.array?.first?["state"]?.string == "revoked" })
            #expect(
                try bench.seen(environment) == ["A": "canary-1"] && bench.volume.text("third.env") == "PW='canary-1'\n")
        case .remove:
            #expect(eventually { bench.bench.status?["objects"]?.array?.first?["state"]?.string == "removed" })
            let refused = try bench.run("app", ["/usr/bin/env"], environment: environment)
            #expect(refused.status == 122 && refused.output.isEmpty)
            #expect(!bench.volume.names.contains("third.env"))
            #expect(try bench.seen(["A": "${akv://shop/other}"], in: "side") == ["A": "canary-2"])
            bench.vault.fail("db", with: nil)
            #expect(eventually { bench.volume.names.contains("third.env") })
            #expect(try bench.seen(environment) == ["A": "canary-1"])
        case .fail:
            #expect(try agent.wait().status == ExitCode.refused.rawValue)
            #expect(try bench.seen(environment) == ["A": "canary-1"])
            return
        }
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0)
        bench.expectNoCanary(outcome)
    }

    @Test("a restarted agent takes over what is there, and starts anew where a part is missing")
    func warmStart() throws {
        let bench = try EnvironmentBench(["db": "canary-1"])
        defer { bench.stop() }
        let plan = try bench.plan(
            [EnvironmentBench.container(["akv://shop/db"])],
            refresh: AgentPlan.Refresh(intervalMilliseconds: 600_000, onRevoked: .keep))
        #expect(try bench.initialize(plan).status == 0)
        func restart() throws -> String {
            let agent = try bench.refresh(plan)
            #expect(eventually { agent.saidSoFar.contains("\n") })
            agent.send(SIGTERM)
            return try agent.wait().output
        }
        #expect(try restart().contains("are there already"))
        #expect(bench.bench.status?["environments"]?.array?.first?["values"]?.int == 1)
        unlink(bench.volume.path + "/app/..data")
        #expect(try restart().contains("wrote 0 files and 1 environment"))
        #expect(try bench.seen(["A": "${akv://shop/db}"]) == ["A": "canary-1"])
    }
}

extension AgentPlan.Environment {
    func renamed(_ name: String) -> AgentPlan.Environment {
        AgentPlan.Environment(
            container: name, delivery: delivery, mode: mode, placeholders: placeholders, variables: variables,
            keySets: keySets, ownNames: ownNames, sources: sources)
    }
}
