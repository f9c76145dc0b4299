import Foundation
import Glibc
import Testing

@testable import Agent

/// The agent as it goes into the image: `make agent` builds it.
@Suite("The static executable", .enabled(if: Program.hasStaticAgent, "not built: run 'make agent'"))
struct StaticBinaryTests {
    @Test("is at most 14 MB")
    func size() throws {
        let size = try #require(FileManager.default.attributesOfItem(atPath: Program.staticAgent.path)[.size] as? Int)
        #expect(size <= 14_000_000)
    }

    @Test("asks for no interpreter and no shared library")
    func linkage() throws {
        let types = try Self.segmentTypes()
        let (load, dynamic, interpreter): (UInt32, UInt32, UInt32) = (1, 2, 3)
        #expect(types.contains(load))
        #expect(!types.contains(dynamic) && !types.contains(interpreter))
    }

    @Test("runs in an empty root under a foreign uid", .enabled(if: Machine.canMount, Machine.mountMessage))
    func emptyRoot() throws {
        let chroot = try #require(Program.tool("chroot"))
        let root = try TemporaryFolder()
        for name in ["proc", "volume"] { mkdir("\(root.path)/\(name)", 0o777) }
        chmod(root.path + "/volume", 0o777)
        try FileManager.default.copyItem(atPath: Program.staticAgent.path, toPath: root.path + "/latchkey-agent")
        let bench = try AgentBench()
        let vault = try ScriptedVault.serving()
        defer { vault.stop() }
        // In the new root, the token has no other place.
        let plan = try bench.plan([("db", "akv://shop/db")], vault: vault, deadline: 20, directory: "/volume")
            .replacingOccurrences(of: bench.folder.path + "/token", with: "/token")
        try FileManager.default.copyItem(atPath: bench.folder.path + "/token", toPath: root.path + "/token")
        try #require(mount("proc", root.path + "/proc", "proc", 0, nil) == 0)
        defer { umount2(root.path + "/proc", Int32(MNT_DETACH)) }
        let outcome = try chroot.run(
            ["--userspec=65532:65532", "--groups=", root.path, "/latchkey-agent", "init"],
            environment: bench.environment(plan))
        #expect(outcome.status == 0, "\(outcome)")
        let file = try root.status("volume/..data/db")
        #expect(file.st_uid == 65532 && file.st_mode & 0o777 == 0o440)
    }

    /// The types of the program headers of a 64-bit little-endian ELF file.
    private static func segmentTypes() throws -> [UInt32] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Program.staticAgent.path), options: .alwaysMapped)
        #expect(data.prefix(6) == Data([0x7F, 0x45, 0x4C, 0x46, 2, 1]))
        func number(_ offset: Int, bytes: Int) -> Int {
            data[offset..<offset + bytes].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let (start, size, count) = (number(32, bytes: 8), number(54, bytes: 2), number(56, bytes: 2))
        return (0..<count).map { UInt32(number(start + $0 * size, bytes: 4)) }
    }
}
