import Foundation
import Testing

@testable import Agent

@Suite("SIGKILL at every system call", .enabled(if: Machine.canTrace, Machine.traceMessage))
struct KilledWriteTests {
    static let old = ["both", "old", "was/dir", "was/two", "dir/old"]
    static let new = ["both", "new", "was", "dir/new", "dir/deep/new"]

    static func set(_ paths: [String], _ content: String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: paths.map { ($0, content) })
    }

    /// The system calls of one publication with the numbers of their first and last call, counted by name from the start
    /// of the process, as strace's injection counts them.
    func systemCalls(replacing paths: [String]) throws -> [(name: String, numbers: ClosedRange<Int>)] {
        let folder = try TemporaryFolder()
        try AtomicDirectory(path: folder.path, group: nil).publish(files(paths, "old"))
        return try systemCalls(of: [folder.path, "new"] + Self.new) { $0.firstIndex(of: "flock") }
    }

    func systemCalls(
        of arguments: [String], from first: ([String]) -> Int?
    ) throws -> [(name: String, numbers: ClosedRange<Int>)] {
        let trace = try TemporaryFolder()
        let strace = try #require(Program.tool("strace"))
        let outcome = try Program.writer.run(under: strace, ["-f", "-o", trace.path + "/trace"], arguments)
        #expect(outcome.status == 0)
        let lines = try String(contentsOfFile: trace.path + "/trace", encoding: .utf8).split(separator: "\n")
        let names = lines.compactMap { line in line.wholeMatch(of: /\d+ +([a-z0-9_]+)\(.*/).map { String($0.1) } }
        let start = try #require(first(names))
        var calls: [(name: String, numbers: ClosedRange<Int>)] = []
        for name in Set(names[start...]).sorted() {
            let before = names[..<start].count { $0 == name }
            calls.append((name, before + 1...names.count { $0 == name }))
        }
        return calls
    }

    /// Kills a publication at one call; false where it was not reached.
    func kill(at name: String, number: Int, in folder: TemporaryFolder, content: String) throws -> Bool {
        try kill(at: name, number: number, [folder.path, content] + Self.new)
    }

    func kill(at name: String, number: Int, _ arguments: [String]) throws -> Bool {
        let strace = try #require(Program.tool("strace"))
        let outcome = try Program.writer.run(
            under: strace,
            ["-f", "-o", "/dev/null", "-e", "trace=\(name)", "-e", "inject=\(name):signal=KILL:when=\(number)"],
            arguments)
        #expect(outcome.wasKilled || outcome.status == 0, "\(name) \(number): \(outcome)")
        return outcome.wasKilled
    }

    @Test("leaves the old or the new set whole, and the next run succeeds and cleans up", arguments: [old, []])
    func everyCall(old paths: [String]) throws {
        let calls = try systemCalls(replacing: paths)
        for name in ["mkdirat", "openat2", "write", "fchmod", "symlinkat", "renameat", "unlinkat", "close"] {
            #expect(paths.isEmpty || calls.contains { $0.name == name }, "\(name) is not among the calls: \(calls)")
        }
        let oldSet = Self.set(paths, "old")
        let newSet = Self.set(Self.new, "new")
        var kills = 0
        var survivors: Set<[String: String]> = []
        for (name, numbers) in calls {
            for number in numbers {
                let folder = try TemporaryFolder()
                let directory = AtomicDirectory(path: folder.path, group: nil)
                try directory.publish(files(paths, "old"))
                try StatusFile.write(Array("status".utf8), to: folder.path)
                guard try kill(at: name, number: number, in: folder, content: "new") else { continue }
                kills += 1
                let seen = folder.visible
                #expect(seen == oldSet || seen == newSet, "killed at \(name) \(number): \(seen)")
                survivors.insert(seen)
                try directory.publish(files(["next", "dir/x"], "next"))
                #expect(folder.visible == ["next": "next", "dir/x": "next"], "after a kill at \(name) \(number)")
                #expect(
                    folder.leftovers(besides: ["next", "dir"]) == ["..status.json"],
                    "after a kill at \(name) \(number)")
                #expect(try folder.text("..status.json") == "status")
            }
        }
        // Both outcomes occur, so the kills lie on both sides of the swap.
        #expect(survivors == [oldSet, newSet])
        #expect(kills > 40, "only \(kills)")
    }

    @Test("a run of kills without a run in between that succeeds")
    func killAfterKill() throws {
        let calls = try systemCalls(replacing: Self.old)
        let folder = try TemporaryFolder()
        let directory = AtomicDirectory(path: folder.path, group: nil)
        try directory.publish(files(Self.old, "old"))
        var current = Self.set(Self.old, "old")
        for (name, numbers) in calls {
            for number in numbers {
                _ = try kill(at: name, number: number, in: folder, content: "\(name) \(number)")
                let seen = folder.visible
                #expect(
                    seen == current || seen == Self.set(Self.new, "\(name) \(number)"), "\(name) \(number): \(seen)")
                current = seen
            }
        }
        try directory.publish(files(["next"], "next"))
        #expect(folder.visible == ["next": "next"])
        #expect(folder.leftovers(besides: ["next"]) == [])
    }

    @Test("of a status file leaves the old or the new one whole, and the next publication cleans up")
    func status() throws {
        let sample = try TemporaryFolder()
        try StatusFile.write(Array("old".utf8), to: sample.path)
        // The last openat opens the volume.
        let calls = try systemCalls(of: ["--status", sample.path, "new"]) { $0.lastIndex(of: "openat") }
        for name in ["openat2", "write", "fchmod", "renameat"] {
            #expect(calls.contains { $0.name == name }, "\(name) is not among the calls: \(calls)")
        }
        var survivors: [String: Int] = [:]
        for (name, numbers) in calls {
            for number in numbers {
                let folder = try TemporaryFolder()
                let directory = AtomicDirectory(path: folder.path, group: nil)
                try directory.publish(files(["a"], "1"))
                try StatusFile.write(Array("old".utf8), to: folder.path)
                guard try kill(at: name, number: number, ["--status", folder.path, "new"]) else { continue }
                let seen = try folder.text("..status.json")
                #expect(seen == "old" || seen == "new", "killed at \(name) \(number): \(seen)")
                survivors[seen, default: 0] += 1
                #expect(folder.visible == ["a": "1"])
                try StatusFile.write(Array("next".utf8), to: folder.path)
                #expect(try folder.text("..status.json") == "next")
                #expect(folder.leftovers(besides: ["a"]) == ["..status.json"])
                _ = try kill(at: name, number: number, ["--status", folder.path, "new"])
                try directory.publish(files(["a"], "2"))
                #expect(folder.leftovers(besides: ["a"]) == ["..status.json"])
            }
        }
        #expect(survivors.keys.sorted() == ["new", "old"], "\(survivors)")
    }
}
