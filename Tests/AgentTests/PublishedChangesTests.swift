import Foundation
import Glibc
import SecretSpec
import Testing

@testable import Agent

@Suite("What differs from the published set")
struct PublishedChangesTests {
    let folder: TemporaryFolder
    let directory: AtomicDirectory

    init() throws {
        folder = try TemporaryFolder()
        directory = AtomicDirectory(path: folder.path, group: nil)
    }

    func changes(_ set: [FileEntry]) -> [String] { directory.changes(to: set).map(\.text).sorted() }

    @Test("is everything where nothing is published")
    func nothing() throws {
        #expect(try changes(files(["a", "b/c"], "1")) == ["a", "b/c"])
        #expect(directory.generation == nil && !directory.hasPublished([]))
    }

    @Test("is what is new, other or gone, in bytes or in mode")
    func differences() throws {
        try directory.publish(files(["a", "b/c", "b/d", "e"], "1"))
        #expect(try changes(files(["e", "b/d", "b/c", "a"], "1")) == [])
        #expect(try changes(files(["a", "b/c", "e"], "1")) == ["b/d"])
        #expect(try changes(files(["a", "b/c", "b/d", "e", "f/g"], "1")) == ["f/g"])
        #expect(try changes(files(["a", "b/c", "b/d"], "1") + [file("e", "2")]) == ["e"])
        #expect(try changes(files(["a", "b/c", "b/d"], "1") + [file("e", "12")]) == ["e"])
        #expect(try changes(files(["a", "b/c", "b/d"], "1") + [file("e", "")]) == ["e"])
        #expect(try changes(files(["a", "b/c", "b/d"], "1") + [file("e", "1", mode: 0o400)]) == ["e"])
        #expect(try changes(files(["a", "b", "e"], "1")) == ["b", "b/c", "b/d"])
        #expect(
            directory.generation == (try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/..data"))
        )
    }

    @Test("large files, and ones whose difference is the last byte")
    func large() throws {
        let text = String(repeating: "x", count: 3 * 4096)
        try directory.publish([file("a", text + "1"), file("b", text)])
        #expect(try changes([file("a", text + "1"), file("b", text)]) == [])
        #expect(try changes([file("a", text + "2"), file("b", text)]) == ["a"])
    }

    @Test(
        "files that their owner may not read are compared all the same, and keep their mode",
        .enabled(if: Machine.canDropPrivileges, Machine.privilegesMessage), arguments: [0, 0o040, 0o200])
    func unreadable(mode: UInt32) throws {
        // As root everything can be read, so this only shows that the mode survives; see `PermissionTests` for users.
        try directory.publish([file("a", "1", mode: mode)])
        #expect(try changes([file("a", "1", mode: mode)]) == [])
        #expect(try changes([file("a", "2", mode: mode)]) == ["a"])
        #expect(try folder.mode("..data/a") == mode)
    }

    @Test("a link in the place of a file is not followed")
    func link() throws {
        try directory.publish(files(["a"], "1"))
        let target = try #require(directory.generation)
        let other = try TemporaryFolder()
        try Data("1".utf8).write(to: URL(fileURLWithPath: other.path + "/a"))
        unlink("\(folder.path)/\(target)/a")
        try folder.link("\(target)/a", to: other.path + "/a")
        #expect(try changes(files(["a"], "1")) == ["a"])
    }

    @Test("a set counts as published where each path of the plan is there, file or directory")
    func published() throws {
        try directory.publish(files(["a", "all/x"], "1"))
        let paths = try ["a", "all"].map { try #require(RelativePath($0)) }
        #expect(directory.hasPublished(paths) && directory.hasPublished([]))
        #expect(try !directory.hasPublished(paths + [#require(RelativePath("all/y"))]))
    }
}
