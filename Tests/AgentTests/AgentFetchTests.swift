import Foundation
import Glibc
import Testing

@testable import Agent

/// The built agent against a vault that answers as scripted.
@Suite("Mode init against a vault", .timeLimit(.minutes(3)))
struct AgentFetchTests {
    let bench: AgentBench

    init() throws { bench = try AgentBench() }

    @Test("files with modes, one line of success, one login, one fetch of each object")
    func success() throws {
        let vault = try ScriptedVault.serving { name, _ in
            name == "json" ? ScriptedVault.value(#"{\"user\":\"canary-u\",\"pass\":\"canary-p\"}"#, name: name) : nil
        }
        defer { vault.stop() }
        let plan = try bench.plan(
            [
                ("db", "akv://shop/db"), ("again", "akv://shop/db"), ("user", "akv://shop/json#user"),
                ("deep/pass", "akv://shop/json#pass"), ("all", "akv://shop/json#*"),
            ], vault: vault, deadline: 20)
        let outcome = try bench.run(plan)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            bench.volume.visible == [
                "db": "canary-value of db", "again": "canary-value of db", "user": "canary-u",
                "deep/pass": "canary-p", "all/user": "canary-u", "all/pass": "canary-p",
            ])
        #expect(try bench.volume.mode("db") == 0o440 && bench.volume.mode("all/user") == 0o440)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.wholeMatch(of: /latchkey-agent: wrote 6 files from akv:\/\/shop in \d+ ms\n/) != nil)
        #expect(bench.message == "old")
        #expect(vault.requests.count { $0.method == "POST" } == 1)
        #expect(vault.requests.count { $0.path == "/secrets/db" } == 1)
        #expect(vault.requests.count { $0.path == "/secrets/json" } == 1)
    }

    @Test("one of twenty fails: nothing is published, and the set of before stays")
    func allOrNothing() throws {
        let vault = try ScriptedVault.serving { name, _ in
            name == "s7" || name == "s13"
                ? .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#) : nil
        }
        defer { vault.stop() }
        let wanted = (0..<20).map { (path: "s\($0)", reference: "akv://shop/s\($0)") }
        let plan = try bench.plan(wanted, vault: vault, deadline: 20)
        bench.expectFailure(try bench.run(plan), .refused, "secret.s7", "secret.s13", lines: 2)
        try AtomicDirectory(path: bench.volume.path, group: nil).publish(files(["s0"], "before"))
        #expect(try bench.run(plan).status == ExitCode.refused.rawValue)
        #expect(bench.volume.visible == ["s0": "before"])
    }

    @Test(
        "what a vault says becomes the exit code",
        arguments: [
            (404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#, ExitCode.refused),
            (
                403, #"{"error":{"code":"Forbidden","message":"canary","innererror":{"code":"SecretDisabled"}}}"#,
                .refused
            ),
            (
                403, #"{"error":{"code":"Forbidden","message":"canary","innererror":{"code":"ForbiddenByRbac"}}}"#,
                .refused
            ),
            (401, #"{"error":{"code":"Unauthorized","message":"canary"}}"#, .identity),
            (429, #"{"error":{"code":"Throttled","message":"canary"}}"#, .unavailable),
            (503, "canary", .unavailable), (302, "canary", .refused), (200, "canary", .refused),
        ])
    func exitCodes(status: Int, body: String, code: ExitCode) throws {
        let vault = try ScriptedVault.serving { _, _ in .json(status, body, headers: ["Location: https://127.0.0.1:1/"])
        }
        defer { vault.stop() }
        let plan = try bench.plan([("db", "akv://shop/db")], vault: vault, deadline: 1)
        bench.expectFailure(try bench.run(plan), code, "latchkey.dev/secret.db", "akv://shop/db")
    }

    @Test("a refused login")
    func refusedLogin() throws {
        let vault = try ScriptedVault { _ in
            .json(400, #"{"error":"invalid_client","error_description":"AADSTS700213: canary","error_codes":[700213]}"#)
        }
        defer { vault.stop() }
        let plan = try bench.plan([("db", "akv://shop/db"), ("b", "akv://shop/b")], vault: vault, deadline: 20)
        bench.expectFailure(try bench.run(plan), .identity, "secret.db", "secret.b", lines: 2)
        #expect(vault.requests.allSatisfy { $0.method == "POST" })
    }

    @Test("a token file that is missing, empty or expired is never sent", arguments: [nil, "", "canary", "expired"])
    func token(content: String?) throws {
        let vault = try ScriptedVault.serving()
        defer { vault.stop() }
        let text = content == "expired" ? AgentBench.token(expires: 1_700_000_100) : content
        if let text { try bench.write(text, to: "token") } else { unlink(bench.folder.path + "/token") }
        let plan = try bench.plan([("db", "akv://shop/db")], vault: vault, deadline: 1)
        let outcome = try bench.run(plan)
        #expect([ExitCode.identity.rawValue, ExitCode.unavailable.rawValue].contains(outcome.status), "\(outcome)")
        #expect(vault.requests.isEmpty)
        #expect(bench.volume.names == [])
        for canary in AgentBench.canaries { #expect(!outcome.errors.contains(canary)) }
    }

    @Test("a transient fault is tried again until the start deadline, and a later success counts")
    func retry() throws {
        let vault = try ScriptedVault.serving { name, _ in nil }
        vault.stop()
        let flaky = try FlakyVault(failures: 2)
        defer { flaky.vault.stop() }
        let outcome = try bench.run(bench.plan([("db", "akv://shop/db")], vault: flaky.vault, deadline: 60))
        #expect(outcome.status == 0, "\(outcome)")
        #expect(flaky.vault.requests.count { $0.path == "/secrets/db" } == 3)
        let unreachable = try AgentBench()
        unreachable.expectFailure(
            try unreachable.run(unreachable.plan([("db", "akv://shop/db")], port: vault.port, deadline: 1)),
            .unavailable)
    }

    @Test("a vault with a certificate of another authority is not trusted")
    func wrongAuthority() throws {
        let vault = try ScriptedVault.serving()
        defer { vault.stop() }
        let plan = try bench.plan([("db", "akv://shop/db")], port: vault.port, deadline: 1)
        let outcome = try bench.run(plan)
        #expect([ExitCode.refused.rawValue, ExitCode.identity.rawValue].contains(outcome.status), "\(outcome)")
        #expect(vault.requests.isEmpty && bench.volume.names == [])
    }

    @Test("SIGTERM ends the waiting at once, with its own exit code and nothing written", arguments: [SIGTERM, SIGINT])
    func termination(signal: Int32) throws {
        let vault = try ScriptedVault.serving { _, _ in .silence }
        defer { vault.stop() }
        let plan = try bench.plan([("db", "akv://shop/db")], vault: vault, deadline: 3600)
        let agent = try Program.agent.start(["init"], environment: bench.environment(plan))
        while agent.isRunning, !vault.requests.contains(where: { $0.path == "/secrets/db" }) { usleep(10_000) }
        agent.send(signal)
        bench.expectFailure(try agent.wait(), .terminated, "signal")
    }

    @Test("two keys of #* and a file on one path: nothing is written")
    func collision() throws {
        let vault = try ScriptedVault.serving { name, _ in
            name == "json" ? ScriptedVault.value(#"{\"user\":\"canary\"}"#, name: name) : nil
        }
        defer { vault.stop() }
        let plan = try bench.plan(
            [("all", "akv://shop/json#*"), ("all/user", "akv://shop/db")], vault: vault, deadline: 20)
        bench.expectFailure(try bench.run(plan), .plan, "latchkey.dev/secret.all and latchkey.dev/secret.all/user")
    }

    @Test("a volume that cannot be written")
    func missingVolume() throws {
        let vault = try ScriptedVault.serving()
        defer { vault.stop() }
        let plan = try bench.plan(
            [("db", "akv://shop/db")], vault: vault, deadline: 20, directory: bench.folder.path + "/missing")
        bench.expectFailure(try bench.run(plan), .write, "/missing' is no directory")
    }

    @Test("a crash leaves no core and prints nothing", arguments: [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGQUIT])
    func hardened(signal: Int32) throws {
        let vault = try ScriptedVault.serving { _, _ in .silence }
        defer { vault.stop() }
        let plan = try bench.plan([("db", "akv://shop/db")], vault: vault, deadline: 3600)
        let agent = try Program.agent.start(["init"], environment: bench.environment(plan))
        while agent.isRunning, !vault.requests.contains(where: { $0.path == "/secrets/db" }) { usleep(10_000) }
        let core = agent.status("limits").split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        agent.send(signal)
        let outcome = try agent.wait()
        #expect(outcome.status == 128 + signal)
        // Swift's crash handler would show registers and memory.
        #expect(outcome.errors.isEmpty && outcome.output.isEmpty, "\(outcome.errors.prefix(200))")
    }
}

/// A vault that answers 503 some times and then a value.
struct FlakyVault {
    let vault: ScriptedVault

    init(failures: Int) throws {
        let count = Counter()
        vault = try ScriptedVault.serving { _, _ in
            count.next() <= failures ? .json(503, "", headers: ["Retry-After: 0"]) : nil
        }
    }
}
