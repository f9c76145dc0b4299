import CLinux
import Foundation
import Glibc
import Testing

@testable import Agent

@Suite("A volume with something planted in it")
struct HostileVolumeTests {
    let folder: TemporaryFolder
    /// What nothing may reach.
    let outside: TemporaryFolder
    let directory: AtomicDirectory

    init() throws {
        folder = try TemporaryFolder()
        outside = try TemporaryFolder()
        try Data("precious".utf8).write(to: URL(fileURLWithPath: outside.path + "/file"))
        directory = AtomicDirectory(path: folder.path, group: nil)
    }

    @Test("links lead nowhere: neither the set nor the removal of leftovers leaves the volume")
    func links() throws {
        try folder.link("..data", to: outside.path)
        try folder.link("..2020_01_01_00_00_00.0", to: outside.path)
        try folder.link("a", to: outside.path + "/file")
        try folder.link("b", to: outside.path)
        try folder.link("foreign", to: outside.path)
        let leftover = folder.path + "/..leftover"
        try FileManager.default.createDirectory(atPath: leftover, withIntermediateDirectories: false)
        try folder.link("..leftover/out", to: outside.path)
        try folder.link("..leftover/file", to: outside.path + "/file")

        try directory.publish(files(["a", "b/file", "c"], "new"))
        #expect(outside.visible == ["file": "precious"])
        #expect(folder.visible == ["a": "new", "b/file": "new", "c": "new", "foreign/file": "precious"])
        #expect(folder.leftovers(besides: ["a", "b", "c", "foreign"]) == [])
    }

    @Test("a link swapped in for the generation while it is written leads nowhere")
    func swappedGeneration() throws {
        let root = try DirectoryHandle.open(folder.path)
        let generation = try root.makeDirectory("..generation")
        try folder.link("..generation/sub", to: outside.path)
        #expect(throws: SystemError.self) { _ = try generation.openDirectory("sub") }
        #expect(throws: SystemError.self) { _ = try generation.createFile("sub") }
        for name: FileName in ["..", "a/b", "/etc", ""] {
            #expect(throws: SystemError.self) { _ = try generation.openDirectory(name) }
            #expect(throws: SystemError.self) { _ = try generation.createFile(name) }
        }
        #expect(outside.visible == ["file": "precious"])
    }

    @Test("both ways to open refuse links, and names that are more than one", arguments: [true, false])
    func open(compatible: Bool) throws {
        let open = compatible ? lk_open_beneath_compatible : lk_open_beneath
        try folder.link("directory", to: outside.path)
        try folder.link("file", to: outside.path + "/file")
        let root = lk_open_directory(folder.path)
        defer { close(root) }
        for (name, flags) in [
            ("directory", O_RDONLY | O_DIRECTORY), ("directory", O_RDONLY), ("file", O_RDONLY), ("file", O_WRONLY),
            ("file", O_WRONLY | O_CREAT | O_EXCL), ("..", O_RDONLY), ("../x", O_RDONLY), (outside.path, O_RDONLY),
            ("", O_RDONLY),
        ] {
            let descriptor = open(root, name, flags, 0o600)
            #expect(descriptor < 0, "\(name) \(flags)")
            if descriptor >= 0 { close(descriptor) }
        }
        let file = open(root, "new", O_WRONLY | O_CREAT | O_EXCL, 0o640)
        #expect(file >= 0 && fcntl(file, F_GETFD) == FD_CLOEXEC)
        close(file)
    }

    @Test("a file or directory that is not the agent's is left alone", arguments: ["a", "..data"])
    func occupied(name: String) throws {
        let path = folder.path + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/file"))
        let before = folder.names
        #expect(throws: WriteError.occupied(directory: folder.path, name: name)) {
            try directory.publish(files(["0", "a", "b"], "new"))
        }
        #expect(folder.names == before)
        #expect(FileManager.default.contents(atPath: path + "/file") == Data("mine".utf8))
    }

    @Test(
        "without openat2 (old kernel, gVisor, old seccomp profile) the same holds",
        .enabled(
            if: Machine.canTrace,
            Machine.traceMessage), arguments: ["ENOSYS", "EPERM"])
    func fallback(error: String) throws {
        let strace = try #require(Program.tool("strace"))
        try folder.link("..data", to: outside.path)
        try folder.link("a", to: outside.path)
        try FileManager.default.createDirectory(atPath: folder.path + "/..left", withIntermediateDirectories: false)
        try folder.link("..left/out", to: outside.path)
        let outcome = try Program.writer.run(
            under: strace, ["-f", "-o", folder.path + "/trace", "-e", "inject=openat2:error=\(error)"],
            [folder.path, "new", "a/file", "b"])
        #expect(outcome.status == 0, "\(outcome.output)")
        let trace = try String(contentsOfFile: folder.path + "/trace", encoding: .utf8)
        #expect(trace.contains("(INJECTED)"))
        #expect(folder.visible["a/file"] == "new" && folder.visible["b"] == "new")
        #expect(outside.visible == ["file": "precious"])
        #expect(folder.leftovers(besides: ["a", "b", "trace"]) == [])
    }
}
