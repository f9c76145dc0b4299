import Foundation
import Glibc
import SecretSpec
import Testing

@testable import Agent

@Suite("Modes, groups and missing rights")
struct PermissionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("modes are exact, whatever the umask", arguments: ["000", "077", "777"])
    func modes(umask: String) throws {
        let shell = try #require(Program.tool("sh"))
        let modes: [UInt32] = [0o400, 0o440, 0o444, 0o600, 0o640, 0o644, 0o755, 0o777, 0o000]
        let arguments = modes.map { "d/\(String($0, radix: 8))=\(String($0, radix: 8))" }
        let outcome = try Program.writer.run(
            under: shell, ["-c", "umask \(umask); exec \"$@\"", "sh"], [folder.path, "x"] + arguments)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        for mode in modes { #expect(try folder.mode("d/" + String(mode, radix: 8)) == mode) }
        #expect(try folder.mode("d") == 0o755)
        #expect(try folder.mode("..data") == 0o755)
    }

    @Test(
        "files inherit the group of a set-group-ID volume, at every depth", .enabled(if: Machine.isRoot, "needs root"))
    func inheritedGroup() throws {
        #expect(chown(folder.path, 0, 4242) == 0 && chmod(folder.path, 0o2770) == 0)
        try AtomicDirectory(path: folder.path, group: nil).publish(files(["a", "b/c/d"], "1"))
        #expect(try folder.status("a").st_gid == 4242)
        #expect(try folder.status("b/c/d").st_gid == 4242)
    }

    @Test("files get the plan's group", .enabled(if: Machine.isRoot, "needs root"))
    func group() throws {
        try AtomicDirectory(path: folder.path, group: 4343).publish(files(["a", "b/c"], "1", mode: 0o640))
        #expect(try folder.status("a").st_gid == 4343)
        #expect(try folder.status("b/c").st_gid == 4343)
        #expect(try folder.mode("b/c") == 0o640)
    }

    @Test(
        "a group that the agent may not give is a failure that leaves nothing",
        .disabled(if: Machine.isRoot, "as root every group may be given"))
    func foreignGroup() throws {
        #expect(throws: WriteError.group(0, directory: folder.path, user: geteuid())) {
            try AtomicDirectory(path: folder.path, group: 0).publish(files(["a"], "1"))
        }
        #expect(folder.names == [])
    }

    @Test(
        "a directory of somebody else's is a failure with its remedy",
        .enabled(if: Machine.canDropPrivileges, Machine.privilegesMessage))
    func foreignDirectory() throws {
        let setpriv = try #require(Program.tool("setpriv"))
        try AtomicDirectory(path: folder.path, group: nil).publish(files(["a"], "1"))
        let outcome = try Program.writer.run(
            under: setpriv, Machine.unprivileged, [folder.path, "2", "a", "b"])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("uid 65532, gid 65532 may not"))
        #expect(outcome.output.contains("fsGroup"))
        #expect(folder.visible == ["a": "1"])
    }

    @Test(
        "an agent without any right but its group writes a volume of fsGroup",
        .enabled(if: Machine.canDropPrivileges, Machine.privilegesMessage))
    func fsGroup() throws {
        let setpriv = try #require(Program.tool("setpriv"))
        #expect(chown(folder.path, 0, 4242) == 0 && chmod(folder.path, 0o2770) == 0)
        let outcome = try Program.writer.run(
            under: setpriv, ["--reuid=65532", "--regid=65532", "--groups=4242", "--bounding-set=-all"],
            [folder.path, "1", "a=0440", "b/c=0440"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try folder.status("b/c").st_gid == 4242)
        #expect(try folder.mode("b/c") == 0o440)
    }

    @Test("a missing directory is a failure with its remedy", arguments: ["/missing", "/file"])
    func missing(name: String) throws {
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        let path = folder.path + name
        #expect(throws: WriteError.missing(directory: path)) {
            try AtomicDirectory(path: path, group: nil).publish(files(["a"], "1"))
        }
    }
}
