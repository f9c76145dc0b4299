import Foundation
import SecretSpec
import Testing

@testable import Agent

@Suite(
    "SIGKILL while files and environments are published",
    .enabled(if: Machine.canTrace && EnvironmentBench.hasWrapper, "wants strace, and 'make exec'"),
    .timeLimit(.minutes(5)))
struct KilledEnvironmentTests {
    /// Every step that makes something visible is a rename.
    @Test(
        "where the files are there, the environments are; and the next run succeeds",
        arguments: ["renameat", "openat2"])
    func everyCall(name: String) throws {
        let strace = try #require(Program.tool("strace"))
        var seen: Set<[Bool]> = []
        var number = 0
        while true {
            number += name == "renameat" ? 1 : 3
            let bench = try EnvironmentBench(["db": "canary-db"])
            defer { bench.stop() }
            let plan = try bench.plan(
                [
                    EnvironmentBench.container(["akv://shop/db"]),
                    EnvironmentBench.container(["akv://shop/db"], name: "side"),
                    EnvironmentBench.kubelet([("PW", "${akv://shop/db}")]).renamed("third"),
                ], files: ["db"])
            let outcome = try strace.run(
                [
                    "-f", "-o", "/dev/null", "-e", "trace=\(name)", "-e",
                    "inject=\(name):signal=KILL:when=\(number)", Program.agent.path, "init",
                ], environment: bench.environment(plan))
            let files = bench.bench.volume.visible == ["db": "canary-db"]
            func sees(_ container: String) -> Bool {
                let words = ["/usr/bin/printf", "%s", "${akv://shop/db}"]
                return (try? bench.run(container, words).output) == "canary-db"
            }
            let environments = [
                sees("app"), sees("side"), (try? bench.volume.text("third.env")) == "PW='canary-db'\n",
            ]
            #expect(!files || !environments.contains(false), "\(name) \(number): \(environments)")
            seen.insert([files] + environments)
            guard outcome.wasKilled else {
                #expect(outcome.status == 0 && files, "\(outcome)")
                break
            }
            #expect(try bench.initialize(plan).status == 0)
            #expect(bench.bench.volume.visible == ["db": "canary-db"])
            #expect(bench.volume.names == [".bin", "app", "side", "third.env"])
            #expect(bench.bench.volume.leftovers(besides: ["db"]) == ["..status.json"])
        }
        // Nothing at all, everything, and for the renames what lies between.
        #expect(seen.isSuperset(of: [[false, false, false, false], [true, true, true, true]]))
        #expect(name != "renameat" || seen.count == 5, "\(seen)")
    }
}
