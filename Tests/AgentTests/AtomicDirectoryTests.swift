import Foundation
import Glibc
import SecretSpec
import Testing

@testable import Agent

@Suite("Atomic directory")
struct AtomicDirectoryTests {
    let folder: TemporaryFolder
    let directory: AtomicDirectory

    init() throws {
        folder = try TemporaryFolder()
        directory = AtomicDirectory(path: folder.path, group: nil)
    }

    @Test("is laid out like a volume of the kubelet's")
    func layout() throws {
        try directory.publish(files(["a.txt", "tls/key", "tls/deep/er"], "1"))
        #expect(folder.visible == ["a.txt": "1", "tls/key": "1", "tls/deep/er": "1"])
        let manager = FileManager.default
        #expect(try manager.destinationOfSymbolicLink(atPath: folder.path + "/a.txt") == "..data/a.txt")
        #expect(try manager.destinationOfSymbolicLink(atPath: folder.path + "/tls") == "..data/tls")
        let generation = try manager.destinationOfSymbolicLink(atPath: folder.path + "/..data")
        #expect(generation.wholeMatch(of: /\.\.\d{4}(_\d\d){5}\.[0-9a-f]{16}/) != nil)
        #expect(folder.leftovers(besides: ["a.txt", "tls"]) == [])
    }

    @Test("replaces the whole set and removes what no longer belongs to it")
    func replacement() throws {
        try directory.publish(files(["a", "b", "c/x"], "1"))
        try directory.publish(files(["b/now a directory", "c", "d"], "2"))
        #expect(folder.visible == ["b/now a directory": "2", "c": "2", "d": "2"])
        #expect(folder.leftovers(besides: ["b", "c", "d"]) == [])
        try directory.publish([])
        #expect(folder.visible == [:])
        #expect(folder.leftovers(besides: []) == [])
    }

    @Test("writes empty, binary and large files as they are")
    func contents() throws {
        let large = String(repeating: "0123456789abcdef", count: 1 << 16)
        try directory.publish([file("empty", ""), file("nul", "a\0b\n"), file("large", large)])
        #expect(folder.visible == ["empty": "", "nul": "a\0b\n", "large": large])
    }

    @Test("names are bytes: two spellings that Unicode calls equal are two files")
    func canonicalEquivalence() throws {
        try directory.publish([file("\u{E9}", "composed"), file("e\u{301}", "decomposed")])
        let names = folder.names.filter { !$0.hasPrefix("..") }.map { Array($0.utf8) }
        #expect(Set(names) == [Array("\u{E9}".utf8), Array("e\u{301}".utf8)])
    }

    @Test("thousands of files")
    func many() throws {
        let paths = (0..<2000).map { "\($0 % 7)/\($0 % 11)/\($0)" }
        try directory.publish(files(paths, "x"))
        #expect(folder.visible.count == 2000)
    }

    @Test(
        "paths that cannot both exist are refused before anything is written",
        arguments: [["a", "a"], ["a", "a/b"], ["a/b/c", "a"], ["a/b", "a/b/c"], ["z", "a-", "a", "a/b"]])
    func conflicts(paths: [String]) throws {
        try directory.publish(files(["old"], "1"))
        let before = folder.names
        let error = #expect(throws: WriteError.self) { try directory.publish(files(paths, "2")) }
        guard case .conflict = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(folder.names == before)
        #expect(folder.visible == ["old": "1"])
    }

    @Test("names that only begin alike do not conflict")
    func noConflict() throws {
        try directory.publish(files(["a", "a-b", "a.b", "b/a", "b/a-/c", "ab/c"], "1"))
        #expect(folder.visible.count == 6)
    }

    @Test(
        "no path leads out of the directory",
        arguments: [
            "", "/", "/etc/passwd", "..", "../x", "a/../x", "a/..", ".", "./a", "a/./b", "a//b", "a/", "..data/x",
            "..data", "a/..b", "a\\..\\b", "a\0b", "a\nb", String(repeating: "a", count: 256),
        ])
    func traversal(path: String) {
        #expect(RelativePath(path) == nil)
    }

    @Test("a second writer is kept out", .timeLimit(.minutes(1)))
    func lock() throws {
        let handle = try DirectoryHandle.open(folder.path)
        try handle.lock()
        #expect(throws: WriteError.busy(directory: folder.path)) { try directory.publish(files(["a"], "1")) }
        #expect(folder.names == [])
    }

    @Test("leftovers of a killed run are removed, also those of no known kind")
    func leftovers() throws {
        try directory.publish(files(["a"], "1"))
        let old = folder.path + "/..2020_01_01_00_00_00.0000000000000000/deep/er"
        try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(fileURLWithPath: old + "/file"))
        try folder.link("..data_tmp", to: "..2020_01_01_00_00_00.0000000000000000")
        try folder.link("..link.0123", to: "/")
        try folder.link("gone", to: "..data/gone")
        #expect(mkfifo(folder.path + "/..fifo", 0o600) == 0)
        try directory.publish(files(["a"], "2"))
        #expect(folder.visible == ["a": "2"])
        #expect(folder.leftovers(besides: ["a"]) == [])
    }
}
