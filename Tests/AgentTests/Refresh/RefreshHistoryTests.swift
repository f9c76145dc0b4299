import Foundation
import Glibc
import SecretSpec
import Synchronization
import Testing

@testable import Agent

/// Readers beside a running agent and a vault that rotates: two secrets whose fields all hold the number of their version,
/// as files, as `#*` directory, and both in one template.
@Suite("Readers beside a refresh", .timeLimit(.minutes(10)))
struct RefreshHistoryTests {
    /// A million by `LATCHKEY_HISTORY_READS=1000000`.
    static let reads = ProcessInfo.processInfo.environment["LATCHKEY_HISTORY_READS"].flatMap { Int($0) } ?? 60_000
    static let paths = ["user", "pass", "all/user", "all/pass", "other", "template"]

    final class Progress: Sendable {
        let reads = Atomic<Int>(0)
        let highest = Atomic<Int>(0)
        let isWrong = Atomic<Bool>(false)
        var goesOn: Bool {
            reads.load(ordering: .relaxed) < RefreshHistoryTests.reads && !isWrong.load(ordering: .relaxed)
        }
    }

    @Test("never see two versions in one generation")
    func history() async throws {
        let bench = try AgentBench()
        let vault = try RotatingVault(["json": Self.value(1), "other": Self.value(1_000_001)])
        defer { vault.server.stop() }
        let agent = try Program.agent.start(["refresh"], environment: bench.environment(try plan(bench, vault)))
        defer { agent.send(SIGKILL) }
        try #require(eventually { bench.volume.visible.count == 6 })
        let progress = Progress()
        let path = bench.volume.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<2 {
                group.addTask {
                    while progress.goesOn {
                        let numbers = reader == 0 ? Self.readOpened(path) : Self.readResolved(path)
                        progress.reads.add(numbers.count, ordering: .relaxed)
                        progress.highest.max(numbers.filter { $0 < 1_000_000 }.max() ?? 0, ordering: .relaxed)
                        if Self.isMixed(numbers) {
                            progress.isWrong.store(true, ordering: .relaxed)
                            Issue.record("mixed: \(numbers)")
                        }
                        await Task.yield()
                    }
                }
            }
            var version = 1
            while progress.goesOn {
                version += 1
                vault.set("json", to: Self.value(version))
                // The other one at another pace, so that the two are in all combinations.
                if version % 3 == 0 { vault.set("other", to: Self.value(1_000_000 + version)) }
                try await Task.sleep(for: .milliseconds(2))
            }
            try await group.waitForAll()
        }
        #expect(progress.highest.load(ordering: .relaxed) > 3 + Self.reads / 20_000, "the files have hardly changed")
        agent.send(SIGTERM)
        #expect(try agent.wait().status == 0)
        #expect(bench.volume.leftovers(besides: ["user", "pass", "all", "other", "template"]) == ["..status.json"])
    }

    private func plan(_ bench: AgentBench, _ vault: RotatingVault) throws -> AgentPlan {
        func file(_ path: String, _ content: AgentPlan.File.Content) throws -> AgentPlan.File {
            AgentPlan.File(
                source: "latchkey.dev/secret.\(path)", path: try #require(RelativePath(path)), mode: 0o444,
                content: content)
        }
        let user = try SecretReference(parsing: "akv://shop/json#user")
        let pass = try SecretReference(parsing: "akv://shop/json#pass")
        let other = try SecretReference(parsing: "akv://shop/other#user")
        return try bench.plan(
            files: [
                file("user", .reference(user)), file("pass", .reference(pass)),
                file("all", .reference(SecretReference(parsing: "akv://shop/json#*"))),
                file("other", .reference(other)),
                file(
                    "template",
                    .template(
                        Template(
                            pieces: [
                                .secret(user, nil), .text(" and "), .secret(pass, .json), .text(" and "),
                                .secret(other, nil),
                            ]))),
            ], vault: vault.server, refresh: AgentPlan.Refresh(intervalMilliseconds: 10))
    }

    private static func value(_ version: Int) -> String {
        #"{\"user\":\"\#(version)\",\"pass\":\"\#(version)\"}"#
    }

    /// Whether numbers of one generation show two versions of one secret.
    private static func isMixed(_ numbers: [Int]) -> Bool {
        numbers.contains(-1) || Set(numbers.filter { $0 < 1_000_000 }).count > 1
            || Set(numbers.filter { $0 > 1_000_000 }).count > 1
    }

    /// All numbers beneath the generation that `..data` is at one moment.
    private static func readOpened(_ path: String) -> [Int] {
        let generation = open(path + "/..data", O_RDONLY | O_DIRECTORY)
        guard generation >= 0 else { return [] }
        defer { close(generation) }
        return paths.flatMap { numbers(openat(generation, $0, O_RDONLY)) }
    }

    /// The same by its name, as a shell does: `cd -P ..data`.
    private static func readResolved(_ path: String) -> [Int] {
        guard let resolved = realpath(path + "/..data", nil) else { return [] }
        defer { free(resolved) }
        let generation = String(cString: resolved)
        return paths.flatMap { numbers(open("\(generation)/\($0)", O_RDONLY)) }
    }

    /// What a file holds; none where it is gone with its generation, -1 where a number is missing.
    private static func numbers(_ descriptor: Int32) -> [Int] {
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        let words = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
        guard !words.isEmpty else { return [-1] }
        return words.filter { !$0.elementsEqual("and".utf8) }.map { word in
            Int(String(decoding: word.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)) ?? -1
        }
    }
}
