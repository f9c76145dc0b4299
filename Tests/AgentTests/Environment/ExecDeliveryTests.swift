import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// The agent writes, the kubelet is played, the wrapper executes: what the program sees.
@Suite(
    "Environments by the wrapper", .enabled(if: EnvironmentBench.hasWrapper, "not built: run 'make exec'"),
    .timeLimit(.minutes(5)))
struct ExecDeliveryTests {
    static let json = #"{\"user\":\"canary-user\",\"A\":\"canary-a\",\"PORT\":5432,\"OWN\":\"canary-own\"}"#

    @Test("whole values, interpolation, filters, and $(NAME) in values, command and arguments")
    func forms() throws {
        let bench = try EnvironmentBench(["db": #"canary \"$(USER)'"#, "json": Self.json])
        defer { bench.stop() }
        let plan = try bench.plan(
            [
                EnvironmentBench.container([
                    "akv://shop/db", "akv://shop/db|json", "akv://shop/db|url", "akv://shop/json#user",
                    "AKV://shop/json#/PORT",
                ])
            ], files: ["db"])
        let outcome = try bench.initialize(plan)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("wrote 1 file and 1 environment from akv://shop in "))
        #expect(bench.vault.reads(of: "db") == 1 && bench.vault.reads(of: "json") == 1)

        let environment = Kubelet.environment(env: [
            ("USER", "${akv://shop/json#user}"), ("PASSWORD", "${akv://shop/db}"), ("PORT", "${AKV://shop/json#/PORT}"),
            ("URL", "postgres://$(USER):${akv://shop/db|url}@db:$(PORT)/$(NONE)"),
            ("JSON", #"{"password":${akv://shop/db|json}}"#), ("AGAIN", "$(JSON) $(PASSWORD)"),
            ("LITERAL", "$$${akv://shop/db} $$(USER) ${HOME}"), ("PLAIN", "a=b"),
        ])
        let password = "canary \"$(USER)'"
        let expected = [
            "USER": "canary-user", "PASSWORD": password, "PORT": "5432",
            "URL": "postgres://canary-user:canary%20%22%24%28USER%29%27@db:5432/$(NONE)",
            "JSON": #"{"password":"canary \"$(USER)'"}"#, "AGAIN": #"{"password":"canary \"$(USER)'"} \#(password)"#,
            "LITERAL": "${akv://shop/db} $(USER) ${HOME}", "PLAIN": "a=b",
        ]
        #expect(try bench.seen(environment) == expected)
        let words = ["--user=$(USER)", "$(PASSWORD)", "x$(URL)", "$$(USER)", "", "-p$(PASSWORD)"]
        #expect(
            try bench.words(words.map { Kubelet.expand($0, environment) }) == [
                "--user=canary-user", password, "x" + (expected["URL"] ?? ""), "$(USER)", "", "-p" + password,
            ])
        #expect(bench.bench.status?["environments"]?.array?.first?["values"]?.int == 5)
        #expect(bench.bench.status?["environments"]?.array?.first?["container"]?.string == "app")
        #expect(bench.bench.status?["objects"]?.array?.count == 2)
        bench.expectNoCanary(outcome)
    }

    @Test(
        "in a root with nothing but the program",
        .enabled(if: geteuid() == 0 && Program.tool("cc") != nil, "root and cc"))
    func emptyRoot() throws {
        let bench = try EnvironmentBench(["db": "canary-db"])
        defer { bench.stop() }
        try bench.write("settings", ["PASSWORD": "akv://shop/db"])
        let plan = try bench.plan([
            EnvironmentBench.container(["akv://shop/db"], sources: [bench.source("settings")])
        ])
        #expect(try bench.initialize(plan).status == 0)
        let root = try TemporaryFolder()
        let source = "\(root.path)/env.c"
        try Data(
            "#include <stdio.h>\nint main(int c, char **v, char **e) { while (*e) printf(\"%s%c\", *e++, 0); return c; }"
                .utf8
        ).write(to: URL(fileURLWithPath: source))
        let compiler = try #require(Program.tool("cc"))
        let built = try compiler.run(
            ["-static", "-o", "\(root.path)/env", source], environment: ["PATH": "/usr/bin:/bin"])
        try #require(built.status == 0, "\(built)")
        // As the volume's parts are mounted.
        for (from, to) in [(".bin", "bin"), ("app", "environment")] {
            let copy = try #require(Program.tool("cp"))
            #expect(try copy.run(["-a", "\(bench.volume.path)/\(from)", "\(root.path)/\(to)"]).status == 0)
        }
        let outcome = try #require(Program.tool("chroot")).run(
            ["--userspec=65532:65532", root.path, "/bin/latchkey-exec"]
                + ExecCommand.wrapping(["/env", "x"], environment: "/environment", executable: "").dropFirst(),
            environment: ["PASSWORD": "akv://shop/db", "URL": "db://${akv://shop/db}"])
        #expect(outcome.status == 2, "\(outcome)")
        #expect(EnvironmentBench.parse(outcome) == ["PASSWORD": "canary-db", "URL": "db://canary-db"])
    }

    @Test("ConfigMaps and Secrets, whole, by key, with prefixes, shared and missing")
    func sources() throws {
        let bench = try EnvironmentBench(["db": "canary-db", "json": Self.json])
        defer { bench.stop() }
        try bench.write(
            "settings",
            [
                "PASSWORD": "akv://shop/db", "URL": "db://${akv://shop/json#user}:${akv://shop/db}@x", "MODE": "fast",
                "LITERAL": "$${akv://shop/db}", "SEE": "https://example/?q=://",
            ])
        try bench.write("other", ["ONE": "akv://shop/json#user", "UNUSED": "akv://shop/no-such-secret"])
        try FileManager.default.createDirectory(
            atPath: bench.sources.path + "/missing", withIntermediateDirectories: true)
        let plan = try bench.plan([
            EnvironmentBench.container(sources: [
                bench.source("settings"), bench.source("other", keys: ["ONE"]), bench.source("missing"),
            ]),
            EnvironmentBench.container(name: "side", sources: [bench.source("settings", keys: ["URL", "GONE"])]),
        ])
        let outcome = try bench.initialize(plan)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(bench.vault.reads(of: "db") == 1)
        let settings = [
            "X_PASSWORD": "akv://shop/db", "X_URL": "db://${akv://shop/json#user}:${akv://shop/db}@x", "X_MODE": "fast",
            "X_LITERAL": "$${akv://shop/db}", "X_SEE": "https://example/?q=://",
        ]
        let environment = Kubelet.environment(
            from: [settings], env: [("ONE", "akv://shop/json#user"), ("TWO", "<$(X_URL)>"), ("X_MODE", "slow")])
        #expect(
            try bench.seen(environment) == [
                "X_PASSWORD": "canary-db", "X_URL": "db://canary-user:canary-db@x", "X_MODE": "slow",
                "ONE": "canary-user",
                "X_LITERAL": "${akv://shop/db}", "X_SEE": "https://example/?q=://",
                "TWO": "<db://canary-user:canary-db@x>",
            ])
        #expect(try bench.words(["akv://shop/db"]) == ["canary-db"])
        // The other container knows what it was to know.
        #expect(
            try bench.seen(["URL": "db://${akv://shop/json#user}:${akv://shop/db}@x"], in: "side")
                == ["URL": "db://canary-user:canary-db@x"])
        let refused = try bench.run("side", ["/usr/bin/env"], environment: ["PASSWORD": "akv://shop/db"])
        #expect(refused.status == 120 && refused.errors.contains("'PASSWORD'") && refused.output.isEmpty)
        // Kubernetes put a whole reference into a longer text.
        for text in ["-pakv://shop/db", "user:akv://shop/db@host"] {
            let refused = try bench.run("app", ["/usr/bin/env", text])
            #expect(refused.status == 120 && refused.errors.contains("argument 1") && refused.errors.contains("${"))
        }
        bench.expectNoCanary(outcome, refused)
    }

    @Test("all keys of a secret: the last set counts, the container's own names win, sources lose")
    func keySets() throws {
        let bench = try EnvironmentBench(["json": Self.json, "second": #"{\"A\":\"canary-second\",\"Z\":\"\"}"#])
        defer { bench.stop() }
        let plan = try bench.plan([
            EnvironmentBench.container(
                keySets: ["akv://shop/json#*", "akv://shop/second#*"], ownNames: ["OWN", "PORT"])
        ])
        #expect(try bench.initialize(plan).status == 0)
        #expect(
            try bench.seen(["OWN": "own", "A": "from a ConfigMap", "user": "akv://shop/unknown"]) == [
                "OWN": "own", "A": "canary-second", "user": "canary-user", "Z": "",
            ])
        let order = try bench.run("app", ["/usr/bin/env"], environment: ["OWN": "own"]).output
        #expect(order == "OWN=own\nuser=canary-user\nA=canary-second\nZ=\n")
    }

    @Test("a source that changes fails closed until the next look, which follows it")
    func changedSource() throws {
        let bench = try EnvironmentBench(["db": "canary-db", "new": "canary-new"])
        defer { bench.stop() }
        try bench.write("settings", ["PASSWORD": "akv://shop/db"])
        let container = try EnvironmentBench.container(sources: [bench.source("settings")])
        #expect(try bench.initialize(bench.plan([container])).status == 0)
        try bench.write("settings", ["PASSWORD": "akv://shop/new"])
        let changed = ["PASSWORD": "akv://shop/new"]
        let refused = try bench.run("app", ["/usr/bin/env"], environment: changed)
        #expect(refused.status == 120 && refused.errors.contains("'PASSWORD'") && refused.output.isEmpty)

        let plan = try bench.plan(
            [container],
            refresh: AgentPlan.Refresh(
                intervalMilliseconds: 30, onRevoked: .keep,
                reactions: [
                    .init(
                        sources: ["ConfigMap settings"], action: .restartByProbe(containers: ["app"], windowSeconds: 1))
                ]))
        let agent = try bench.refresh(plan)
        #expect(eventually { (try? bench.run("app", ["/usr/bin/env"], environment: changed).status) == 0 })
        #expect(try bench.seen(changed) == ["PASSWORD": "canary-new"])
        #expect(eventually { bench.bench.status?["reactions"]?.array?.first?["state"]?.string == "waiting" })
        agent.send(SIGTERM)
        let outcome = try agent.wait()
        #expect(outcome.status == 0 && outcome.output.contains("published the environment of app: ConfigMap settings"))
        bench.expectNoCanary(outcome, refused)
    }

    @Test("the agent brings the wrapper, once, and says where it has none")
    func wrapper() throws {
        let bench = try EnvironmentBench(["db": "canary-db"])
        defer { bench.stop() }
        let plan = try bench.plan([EnvironmentBench.container(["akv://shop/db"])])
        var environment = bench.environment(plan)
        environment["LATCHKEY_EXEC"] = "/no/such/latchkey-exec"
        let missing = try Program.agent.run(["init"], environment: environment)
        #expect(missing.status == ExitCode.write.rawValue && missing.errors.contains("/no/such/latchkey-exec"))
        #expect(bench.volume.names.isEmpty && bench.vault.server.requests.isEmpty)
        #expect(try bench.initialize(plan).status == 0)
        let first = try bench.volume.status(".bin/latchkey-exec")
        #expect(try bench.volume.mode(".bin/latchkey-exec") == 0o555 && bench.volume.mode(".bin") & 0o777 == 0o755)
        #expect(try bench.initialize(plan).status == 0)
        #expect(try bench.volume.status(".bin/latchkey-exec").st_ino == first.st_ino)
        environment["LATCHKEY_EXEC"] = "/bin/true"
        #expect(try Program.agent.run(["init"], environment: environment).status == 0)
        #expect(try bench.volume.status(".bin/latchkey-exec").st_ino != first.st_ino)
        #expect(bench.volume.names == [".bin", "app"])
        let environments = AgentPlan.Environment(container: "app", delivery: .none, mode: 0o444)
        environment = bench.environment(try bench.plan([environments]))
        environment["LATCHKEY_EXEC"] = "/no/such/latchkey-exec"
        #expect(try Program.agent.run(["init"], environment: environment).status == 0)
    }
}
