import DevVault
import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// The built agent against the dev vault, which plays the faults.
@Suite("Mode refresh against the dev vault", .timeLimit(.minutes(5)))
struct DevVaultRefreshTests {
    static let client = "22222222-3333-4444-8555-666666666666"
    static let names = ["one", "two", "three"]
    let bench: AgentBench

    init() throws { bench = try AgentBench() }

    func withVault(_ body: (DevVaultServer) throws -> Void) async throws {
        let issuer = try DevelopmentIssuer(
            issuer: "https://issuer.example", keyFile: bench.folder.path + "/issuer.pem")
        var configuration = DevVaultConfiguration()
        configuration.vaults = [VaultConfiguration("shop", grants: [VaultGrant(clientID: Self.client)])]
        configuration.identities = [
            FederatedIdentity(
                issuer: issuer.issuer, subject: "system:serviceaccount:shop:web", clientID: Self.client)
        ]
        configuration.issuers = [TrustedIssuer(issuer: issuer.issuer, keys: .inline(issuer.keySet))]
        try bench.write(
            issuer.token(
                subject: "system:serviceaccount:shop:web", audience: "api://AzureADTokenExchange", lifetime: 3600),
            to: "token")
        let server = try await DevVaultServer.start(configuration)
        do {
            for name in Self.names { try server.store.setSecret(name, value: "canary-1 \(name)", vault: "shop") }
            try body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    func start(
        _ server: DevVaultServer, _ policy: AgentPlan.OnRevoked, environments: AgentPlan.Environments? = nil
    ) throws -> Program.Running {
        let plan = AgentPlan(
            directory: bench.volume.path, group: nil,
            files: try Self.names.map { name in
                AgentPlan.File(
                    source: "latchkey.dev/secret.\(name)", path: try #require(RelativePath(name)), mode: 0o440,
                    reference: try SecretReference(parsing: "akv://shop/\(name)"))
            }, environments: environments, startDeadlineSeconds: 30,
            refresh: AgentPlan.Refresh(intervalMilliseconds: 50, onRevoked: policy),
            azure: AgentPlan.Azure(
                authority: server.authorityURL, tokenFile: bench.folder.path + "/token",
                domains: [
                    .init(
                        suffix: "\(server.configuration.dnsSuffix):\(server.port)",
                        scope: "https://vault.azure.net/.default")
                ], identity: .init(tenantID: server.configuration.tenantID, clientID: Self.client)),
            caBundle: server.caCertificatePEM)
        let environment = bench.environment(plan).merging(["LATCHKEY_EXEC": EnvironmentBench.wrapper.path]) { $1 }
        return try Program.agent.start(["refresh"], environment: environment)
    }

    @Test(
        "an environment follows the vault, fields and all keys of one object together",
        .enabled(if: EnvironmentBench.hasWrapper, "not built: run 'make exec'"))
    func environment() async throws {
        try await withVault { server in
            let volume = try TemporaryFolder()
            func set(_ generation: Int) throws {
                let value = #"{"user":"canary-\#(generation)","password":"canary-\#(generation) 'x'"}"#
                try server.store.setSecret("one", value: value, vault: "shop")
            }
            func seen() throws -> String {
                let outcome = try Program(path: "\(volume.path)/.bin/latchkey-exec").run(
                    ["run", "\(volume.path)/app/environment", "--", "/usr/bin/env"],
                    environment: ["URL": "db://${akv://shop/one#user}:${akv://shop/one#password|url}@x"])
                return outcome.output + outcome.errors
            }
            try set(1)
            let container = try EnvironmentBench.container(
                ["akv://shop/one#user", "akv://shop/one#password|url"], keySets: ["akv://shop/one#*"])
            let agent = try start(
                server, .keep, environments: AgentPlan.Environments(directory: volume.path, containers: [container]))
            for generation in 1...3 {
                try set(generation)
                let name = "canary-\(generation)"
                let expected = "URL=db://\(name):\(name)%20%27x%27@x\nuser=\(name)\npassword=\(name) 'x'\n"
                #expect(eventually { (try? seen()) == expected })
            }
            agent.send(SIGTERM)
            let outcome = try agent.wait()
            #expect(outcome.status == 0 && !outcome.output.contains("canary") && outcome.errors.isEmpty)
            #expect(bench.status?.text.contains("canary") == false)
        }
    }

    var states: [String?] { bench.status?["objects"]?.array?.map { $0["state"]?.string } ?? [] }
    var kinds: [String] { bench.status?["objects"]?.array?.compactMap { $0["error"]?["kind"]?.string } ?? [] }

    @Test(
        "an outage in each of its forms keeps the last good set, is shown, and passes",
        arguments: ["throttled", "unavailable", "failure", "reset", "truncated"])
    func outage(form: String) async throws {
        try await withVault { server in
            let agent = try start(server, .keep)
            #expect(eventually { states == ["current", "current", "current"] })
            if form == "throttled" {
                server.faults.throttle(.vault, next: 1, retryAfter: 1)
            } else {
                server.faults[.vault].outage = DevVaultFaults.Outage(rawValue: form)
            }
            try server.store.setSecret("two", value: "canary-2 two", vault: "shop")
            #expect(eventually { !kinds.isEmpty && states.contains("stale") })
            #expect(bench.volume.visible["two"] == "canary-1 two")
            server.faults.clear()
            #expect(eventually { states == ["current", "current", "current"] })
            #expect(bench.volume.visible["two"] == "canary-2 two")
            agent.send(SIGTERM)
            #expect(try agent.wait().status == 0)
        }
    }

    @Test("an outage of the login alone is not noticed while its token lives")
    func login() async throws {
        try await withVault { server in
            let agent = try start(server, .fail)
            #expect(eventually { states == ["current", "current", "current"] })
            server.faults[.entra].outage = .unavailable
            try server.store.setSecret("one", value: "canary-2 one", vault: "shop")
            #expect(eventually { bench.volume.visible["one"] == "canary-2 one" })
            agent.send(SIGTERM)
            #expect(try agent.wait().status == 0)
        }
    }

    @Test("disabled and deleted secrets follow the policy", arguments: AgentPlan.OnRevoked.allCases, [false, true])
    func revoked(policy: AgentPlan.OnRevoked, isDeleted: Bool) async throws {
        try await withVault { server in
            let agent = try start(server, policy)
            #expect(eventually { states == ["current", "current", "current"] })
            try server.store.setSecret("three", value: "canary-2 three", vault: "shop")
            #expect(eventually { bench.volume.visible["three"] == "canary-2 three" })
            if isDeleted {
                try server.store.deleteSecret("two", vault: "shop")
            } else {
                try server.store.setSecretEnabled(false, name: "two", vault: "shop")
            }
            switch policy {
            case .keep:
                #expect(eventually { states == ["current", "revoked", "current"] })
                #expect(bench.volume.visible["two"] == "canary-1 two")
                agent.send(SIGTERM)
                #expect(try agent.wait().status == 0)
            case .remove:
                #expect(eventually { states == ["current", "removed", "current"] })
                #expect(bench.volume.visible.keys.sorted() == ["one", "three"])
                agent.send(SIGTERM)
                #expect(try agent.wait().status == 0)
            case .fail:
                #expect(try agent.wait().status == ExitCode.refused.rawValue)
                #expect(states[1] == "revoked" && bench.volume.visible["two"] == "canary-1 two")
            }
        }
    }
}
