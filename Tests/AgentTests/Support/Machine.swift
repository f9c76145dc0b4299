import Foundation
import Glibc
import Testing

/// What this machine lets a test do.
enum Machine {
    static let isRoot = geteuid() == 0

    /// A process of its own: `setpriv` as root.
    static let canDropPrivileges: Bool = {
        guard isRoot, let setpriv = Program.tool("setpriv") else { return false }
        // The program must be readable by others, down the whole path.
        return (try? Program.writer.run(under: setpriv, unprivileged, []).status) == 2
    }()
    static let privilegesMessage: Comment = "needs root, setpriv, and built programs that other users can read"
    static let unprivileged = ["--reuid=65532", "--regid=65532", "--clear-groups"]

    /// Whether strace may trace and inject here.
    static let canTrace: Bool = {
        guard let strace = Program.tool("strace"), let yes = Program.tool("true") else { return false }
        return (try? yes.run(under: strace, ["-f", "-e", "inject=all:signal=KILL:when=1", "-o", "/dev/null"], []))?
            .wasKilled == true
    }()
    static let traceMessage: Comment = "needs strace and the right to trace"

    static let canMount: Bool = {
        guard let tmpfs = try? Tmpfs(options: "size=4k") else { return false }
        return tmpfs.isMounted
    }()
    static let mountMessage: Comment = "needs root and the right to mount a tmpfs"
}

/// A tmpfs of its own, unmounted with its last owner.
final class Tmpfs {
    let folder: TemporaryFolder
    let isMounted: Bool

    init(options: String) throws {
        folder = try TemporaryFolder()
        isMounted = mount("tmpfs", folder.path, "tmpfs", 0, options) == 0
    }

    deinit { if isMounted { umount2(folder.path, Int32(MNT_DETACH)) } }

    func makeReadOnly() -> Bool {
        mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
    }
}
