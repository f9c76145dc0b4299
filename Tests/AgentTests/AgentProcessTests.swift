import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// The built agent, run as the injected container runs it, as far as it gets without a vault.
@Suite("The agent's process")
struct AgentProcessTests {
    let folder: TemporaryFolder
    let volume: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        volume = try TemporaryFolder()
        try Data("old".utf8).write(to: URL(fileURLWithPath: terminationLog))
    }

    var terminationLog: String { folder.path + "/termination-log" }
    var message: String { (try? String(contentsOfFile: terminationLog, encoding: .utf8)) ?? "" }

    /// A plan whose login and vault are one port of this machine.
    func plan(
        _ files: [(path: String, reference: String)], port: Int = 1, deadline: Int = 0, tokenFile: String? = nil
    ) throws -> String {
        let plan = AgentPlan(
            directory: volume.path, group: nil,
            files: try files.map { file in
                AgentPlan.File(
                    source: "latchkey.dev/secret.\(file.path)", path: try #require(RelativePath(file.path)),
                    mode: 0o440, reference: try SecretReference(parsing: file.reference))
            },
            startDeadlineSeconds: deadline,
            azure: AgentPlan.Azure(
                authority: "https://127.0.0.1:\(port)", tokenFile: tokenFile ?? folder.path + "/token",
                domains: [.init(suffix: "vault.azure.net", scope: "https://vault.azure.net/.default")],
                endpoints: ["shop": "https://127.0.0.1:\(port)"],
                identity: .init(tenantID: "tenant", clientID: "client")),
            caBundle: nil)
        return String(decoding: plan.json.serialized(), as: UTF8.self)
    }

    func environment(_ plan: String?) -> [String: String] {
        var environment = ["LATCHKEY_TERMINATION_LOG": terminationLog, "CANARY": "not-to-be-shown"]
        if let plan { environment[AgentPlan.environmentVariable] = plan }
        return environment
    }

    /// One line for each failure on standard error, the same text as termination message, nothing published, and
    /// nothing of the environment shown.
    func expectFailure(_ outcome: Program.Outcome, _ code: ExitCode, _ parts: String..., lines: Int = 1) {
        #expect(outcome.status == code.rawValue, "\(outcome)")
        #expect(outcome.output.isEmpty)
        let printed = outcome.errors.split(separator: "\n")
        #expect(printed.count == lines, "\(outcome.errors)")
        #expect(printed.allSatisfy { $0.hasPrefix("latchkey-agent: ") })
        #expect(message == printed.map { $0.dropFirst("latchkey-agent: ".count) + "\n" }.joined())
        for part in parts { #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)") }
        #expect(!outcome.errors.contains("not-to-be-shown"))
        #expect(volume.names == [])
    }

    @Test("--help and --version")
    func help() throws {
        let help = try Program.agent.run(["--help"])
        #expect(help.status == 0 && help.errors.isEmpty && help.output.contains("exit status:"))
        let version = try Program.agent.run(["--version"])
        #expect(version.output.wholeMatch(of: /latchkey-agent \d+\.\d+\.\d+\n/) != nil)
    }

    @Test("another command line is refused with the usage", arguments: [[], ["refresh"], ["init", "x"], ["--bogus"]])
    func usage(arguments: [String]) throws {
        let outcome = try Program.agent.run(arguments, environment: environment(nil))
        #expect(outcome.status == ExitCode.usage.rawValue)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("usage: latchkey-agent"))
        #expect(message.contains("'init'") && message.split(separator: "\n").count == 1)
    }

    @Test("no plan")
    func noPlan() throws {
        expectFailure(try Program.agent.run(["init"], environment: environment(nil)), .plan, "LATCHKEY_PLAN is not set")
    }

    @Test(
        "an unusable plan",
        arguments: [
            ("", "is no JSON"), ("{", "is no JSON"), ("[]", "version"), (#"{"version":2}"#, "of one release"),
            (#"{"version":1}"#, "directory is missing"),
            (
                #"{"version":1,"directory":"/d","startDeadlineSeconds":1,"files":[{"source":"s","path":"../x","#
                    + #""mode":"444","reference":"akv://shop/db"}]}"#, "files[0].path"
            ),
            (String(repeating: "[", count: 100_000), "is no JSON"),
        ])
    func unusablePlan(plan: String, part: String) throws {
        expectFailure(try Program.agent.run(["init"], environment: environment(plan)), .plan, part)
    }

    @Test("two files on one path: refused before anything is fetched or written, with both annotations")
    func conflict() throws {
        let plan = try plan([("a", "akv://shop/one"), ("b", "akv://shop/two"), ("a/b", "akv://shop/three")])
        let outcome = try Program.agent.run(["init"], environment: environment(plan))
        expectFailure(outcome, .plan, "latchkey.dev/secret.a and latchkey.dev/secret.a/b", "latchkey.dev/path.<name>")
    }
}
