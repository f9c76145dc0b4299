import Foundation
import Testing

@testable import Agent

@Suite("A tmpfs that is full or read-only", .enabled(if: Machine.canMount, Machine.mountMessage))
struct SmallVolumeTests {
    @Test("a set that does not fit leaves the old one whole and nothing of itself")
    func overfill() throws {
        let tmpfs = try Tmpfs(options: "size=256k")
        let folder = tmpfs.folder
        let directory = AtomicDirectory(path: folder.path, group: nil)
        let old = String(repeating: "o", count: 60_000)
        try directory.publish([file("a", old), file("b/c", old)])
        let before = folder.names

        let large = String(repeating: "n", count: 100_000)
        let error = #expect(throws: WriteError.full(directory: folder.path)) {
            try directory.publish([file("a", large), file("b/c", large), file("d", large)])
        }
        #expect("\(try #require(error))".contains("volume.sizeLimit"))
        #expect(folder.visible == ["a": old, "b/c": old])
        #expect(folder.names == before)

        // What was half-written has left its room.
        try directory.publish([file("a", String(repeating: "m", count: 110_000))])
        #expect(folder.visible.keys.sorted() == ["a"])
    }

    @Test("no inode left", arguments: 4...16)
    func inodes(count: Int) throws {
        let tmpfs = try Tmpfs(options: "size=1m,nr_inodes=\(count)")
        let directory = AtomicDirectory(path: tmpfs.folder.path, group: nil)
        let paths = ["a/b", "c", "d", "e/f", "g", "h"]
        let set = try files(paths, "1")
        do throws(WriteError) {
            try directory.publish(set)
            #expect(tmpfs.folder.visible.count == paths.count)
        } catch {
            #expect(error == .full(directory: tmpfs.folder.path))
            #expect(tmpfs.folder.names == [])
        }
    }

    @Test("a killed run's leftovers do not keep the next set from fitting")
    func leftoversTakeRoom() throws {
        let tmpfs = try Tmpfs(options: "size=256k")
        let directory = AtomicDirectory(path: tmpfs.folder.path, group: nil)
        let half = tmpfs.folder.path + "/..2020_01_01_00_00_00.0000000000000000"
        try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: false)
        try Data(count: 200_000).write(to: URL(fileURLWithPath: half + "/big"))
        try directory.publish([file("a", String(repeating: "n", count: 200_000))])
        #expect(tmpfs.folder.visible.count == 1)
    }

    @Test("a read-only volume keeps its set, and the sentence says what to mount")
    func readOnly() throws {
        let tmpfs = try Tmpfs(options: "size=256k")
        let directory = AtomicDirectory(path: tmpfs.folder.path, group: nil)
        try directory.publish(files(["a"], "1"))
        #expect(tmpfs.makeReadOnly())
        let error = #expect(throws: WriteError.readOnly(directory: tmpfs.folder.path)) {
            try directory.publish(files(["a"], "2"))
        }
        #expect("\(try #require(error))".contains("read-write"))
        #expect(tmpfs.folder.visible == ["a": "1"])
    }
}
