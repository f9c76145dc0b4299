import Foundation
import Testing

@testable import Agent

/// The built agent, run as the injected container runs it, as far as it gets without a vault.
@Suite("The agent's process")
struct AgentProcessTests {
    let bench: AgentBench

    init() throws { bench = try AgentBench() }

    @Test("--help and --version")
    func help() throws {
        let help = try Program.agent.run(["--help"])
        #expect(help.status == 0 && help.errors.isEmpty && help.output.contains("exit status:"))
        let version = try Program.agent.run(["--version"])
        #expect(version.output.wholeMatch(of: /latchkey-agent \d+\.\d+\.\d+\n/) != nil)
    }

    @Test(
        "another command line is refused with the usage",
        arguments: [[], ["renew"], ["init", "x"], ["refresh", "x"], ["--bogus"]])
    func usage(arguments: [String]) throws {
        let outcome = try Program.agent.run(arguments, environment: bench.environment(nil))
        #expect(outcome.status == ExitCode.usage.rawValue)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("usage: latchkey-agent"))
        #expect(
            bench.message.contains(arguments.first.map { "'\($0)'" } ?? "'init'")
                && bench.message.split(separator: "\n").count == 1)
    }

    @Test("no plan")
    func noPlan() throws {
        bench.expectFailure(
            try Program.agent.run(["init"], environment: bench.environment(nil)), .plan, "LATCHKEY_PLAN is not set")
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
        bench.expectFailure(try Program.agent.run(["init"], environment: bench.environment(plan)), .plan, part)
    }

    @Test("two files on one path: refused before anything is fetched or written, with both annotations")
    func conflict() throws {
        let plan = try bench.plan([("a", "akv://shop/one"), ("b", "akv://shop/two"), ("a/b", "akv://shop/three")])
        let outcome = try Program.agent.run(["init"], environment: bench.environment(plan))
        bench.expectFailure(
            outcome, .plan, "latchkey.dev/secret.a and latchkey.dev/secret.a/b", "latchkey.dev/path.<name>")
    }
}
