import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// Environments that cannot be: nothing is published, and the sentence names place and remedy.
@Suite(
    "Environments that are refused", .enabled(if: EnvironmentBench.hasWrapper, "not built: run 'make exec'"),
    .timeLimit(.minutes(5)))
struct EnvironmentFaultTests {
    static let values = [
        "db": "canary-db", "nul": #"canary\u0000nul"#, "quote": "canary'", "empty": "", "lines": #"canary\r\nb"#,
        "long": String(repeating: "c", count: 70_000), "json": #"{\"A\":\"canary\",\"B=C\":\"canary\"}"#,
    ]

    func expectFailure(
        _ bench: EnvironmentBench, _ container: AgentPlan.Environment, _ code: ExitCode, _ parts: [String],
        lines: Int = 1
    ) throws {
        defer { bench.stop() }
        let outcome = try bench.initialize(bench.plan([container], files: ["db"], deadline: 2))
        #expect(outcome.status == code.rawValue, "\(outcome)")
        #expect(outcome.errors.split(separator: "\n").count == lines, "\(outcome.errors)")
        for part in parts { #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)") }
        #expect(bench.bench.volume.names.isEmpty)
        #expect(Set(bench.volume.names).isSubset(of: [".bin"]))
        bench.expectNoCanary(outcome)
    }

    @Test(
        "sources that hold references which cannot be used",
        arguments: [
            (AgentPlan.Environment.Delivery.none, "akv://shop/db", "latchkey.dev/env-delivery: exec"),
            (.none, "a ${akv://shop/db|json}", "latchkey.dev/env-delivery: exec"),
            (.none, "akv://", "ConfigMap settings, key KEY"),
            (.kubelet, "akv://shop/db", "latchkey.dev/env-delivery: exec"),
            (.exec, "akv://shop/db\n", "ConfigMap settings, key KEY"),
            (.exec, "akv://shop/json#*", "latchkey.dev/env-from"),
            (.exec, "${akv://shop/db", "'}'"),
            (.exec, "${akv://shop/db|none}", "unknown filter"),
        ])
    func sources(delivery: AgentPlan.Environment.Delivery, value: String, part: String) throws {
        let bench = try EnvironmentBench(Self.values)
        try bench.write("settings", ["KEY": value, "OTHER": "plain"])
        let container = AgentPlan.Environment(
            container: "app", delivery: delivery, mode: 0o444, sources: [bench.source("settings")])
        try expectFailure(bench, container, .plan, ["ConfigMap settings, key KEY", part])
        #expect(bench.vault.server.requests.isEmpty)
    }

    @Test("a source that is not mounted, and one that is no text")
    func unusableSources() throws {
        var bench = try EnvironmentBench(Self.values)
        try expectFailure(
            bench, EnvironmentBench.container(sources: [bench.source("gone")]), .plan,
            ["ConfigMap gone: ", bench.sources.path + "/gone"])
        bench = try EnvironmentBench(Self.values)
        try bench.write("settings", ["KEY": "x"])
        let file = bench.sources.path + "/settings/..data/KEY"
        try Data(Array("akv://shop/".utf8) + [0xFF]).write(to: URL(fileURLWithPath: file))
        try expectFailure(
            bench, EnvironmentBench.container(sources: [bench.source("settings")]), .plan, ["key KEY", "UTF-8"])
    }

    @Test(
        "what no environment can hold, or no vault has",
        arguments: [
            ("akv://shop/nul", ExitCode.plan, "NUL"), ("akv://shop/none", .refused, "akv://shop/none"),
            ("akv://shop/db#field", .refused, "#field"), ("akv://shop/db}x", .plan, "is no reference"),
            ("HOME", .plan, "is no reference"),
        ])
    func placeholders(text: String, code: ExitCode, part: String) throws {
        try expectFailure(
            EnvironmentBench(Self.values), EnvironmentBench.container([text]), code, ["app: \(text)", part])
    }

    @Test("keys that can name no variable, without the name")
    func keySet() throws {
        try expectFailure(
            EnvironmentBench(Self.values), EnvironmentBench.container(keySets: ["akv://shop/json#*"]), .plan,
            ["latchkey.dev/env-from.0", "key 2 of the secret"])
        try expectFailure(
            EnvironmentBench(Self.values), EnvironmentBench.container(keySets: ["akv://shop/db#*"]), .refused,
            ["latchkey.dev/env-from.0"])
    }

    @Test("an environment that cannot be written publishes nothing, the others and the files included")
    func unwritable() throws {
        let bench = try EnvironmentBench(Self.values)
        defer { bench.stop() }
        let plan = try bench.plan(
            [
                EnvironmentBench.container(["akv://shop/db"]), EnvironmentBench.kubelet([("PW", "${akv://shop/db}")]),
                EnvironmentBench.container(["akv://shop/db"], name: "side"),
            ], files: ["db"])
        try Data().write(to: URL(fileURLWithPath: bench.volume.path + "/side"))
        let outcome = try bench.initialize(plan)
        #expect(outcome.status == ExitCode.write.rawValue && outcome.errors.contains("'side'"), "\(outcome)")
        #expect(bench.bench.volume.names.isEmpty && bench.volume.names == [".bin", "app", "side"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.volume.path + "/app").isEmpty)
        bench.expectNoCanary(outcome)
    }

    @Test("everything that is wrong is said at once")
    func everything() throws {
        let container = try EnvironmentBench.container(
            ["akv://shop/nul", "akv://shop/none"], keySets: ["akv://shop/json#*"])
        try expectFailure(EnvironmentBench(Self.values), container, .plan, ["NUL", "none", "key 2"], lines: 3)
    }

    @Test(
        "what the kubelet's files cannot hold",
        arguments: [
            ("quote", "single quote"), ("empty", "empty"), ("lines", "CR LF"), ("nul", "NUL"), ("long", "64 KiB"),
        ])
    func kubelet(name: String, part: String) throws {
        try expectFailure(
            EnvironmentBench(Self.values),
            EnvironmentBench.kubelet([("GOOD", "${akv://shop/db}"), ("BAD", "${akv://shop/\(name)}")]),
            .plan, ["env[BAD]", part, name == "nul" ? "as a file" : "latchkey.dev/env-delivery: exec"])
    }
}
