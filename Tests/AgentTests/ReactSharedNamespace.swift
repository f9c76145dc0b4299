import Foundation
import Glibc
import Testing

extension Program {
    /// Signals main processes: see its main.swift.
    static let signaller = Program(
        path: URL(fileURLWithPath: writer.path).deletingLastPathComponent().path + "/main-process-signaller")
}

/// A pod whose containers share a process namespace, as far as signals care: a sandbox as process 1, one tmpfs, and
/// containers with a mount namespace each, whose first processes have no parent in the namespace.
final class SharedNamespace {
    static let isPossible: Bool = {
        guard Machine.isRoot, Machine.canMount, let pod = try? SharedNamespace() else { return false }
        return (try? pod.container("true").wait().status) == 0
    }()
    static let message: Comment = "needs root, unshare, nsenter and the right to make namespaces"

    /// The volume, mounted in every container unless it is taken away.
    let volume: Tmpfs
    /// For the applications' notes.
    let notes: TemporaryFolder
    private let sandbox: Program.Running
    private let sandboxPID: Int32
    private var processes: [Program.Running] = []

    init() throws {
        guard let unshare = Program.tool("unshare") else { throw POSIXError(.ENOENT) }
        notes = try TemporaryFolder()
        chmod(notes.path, 0o777)
        // Before there is a volume, which it must not see.
        sandbox = try unshare.start([
            "--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
            "echo >\(notes.path)/sandbox; exec sleep 1000",
        ])
        try Self.wait { [notes] in notes.names.contains("sandbox") }
        sandboxPID = try #require(sandbox.children.first)
        volume = try Tmpfs(options: "size=64k,mode=0777")
    }

    deinit { kill(sandboxPID, SIGKILL) }

    /// The first process of a new container.
    func container(_ command: String, user: Int? = nil) throws -> Program.Running {
        try start(["unshare", "--mount", "--mount-proc"] + Self.shell(command, user))
    }

    /// What `kubectl exec` starts in a container: another process without a parent.
    func exec(in container: Program.Running, _ command: String) throws -> Program.Running {
        try start(
            ["nsenter", "--mount=/proc/\(try #require(container.children.first))/ns/mnt"] + Self.shell(command, nil))
    }

    /// An application that notes each SIGHUP, and SIGTERM unless it ignores it. It is up when this returns.
    func application(
        _ name: String, in container: Program.Running? = nil, withoutVolume: Bool = false, user: Int? = nil,
        ignoresTermination: Bool = false
    ) throws -> Program.Running {
        let note = "\(notes.path)/\(name)"
        let command =
            (withoutVolume ? "umount \(volume.folder.path) || exit 1; " : "") + "trap 'echo HUP >>\(note)' HUP; "
            + (ignoresTermination ? "trap '' TERM; " : "trap 'echo TERM >>\(note); exit 0' TERM; ")
            + "echo UP >\(note); while :; do sleep 0.02; done"
        let process = try container.map { try exec(in: $0, command) } ?? self.container(command, user: user)
        try Self.wait { [notes] in notes.visible[name] == "UP\n" }
        return process
    }

    /// What an application noted.
    func notes(of name: String) -> [String] {
        (notes.visible[name] ?? "").split(separator: "\n").map(String.init)
    }

    /// Runs the signaller in a container of its own that mounts the volume.
    func signal(_ arguments: String..., user: Int? = nil, under tool: [String] = []) throws -> Program.Outcome {
        let command = (tool + [Program.signaller.path, volume.folder.path] + arguments).joined(separator: " ")
        return try container("exec " + command, user: user).wait()
    }

    static func wait(until condition: @escaping () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw POSIXError(.ETIMEDOUT) }
            usleep(2_000)
        }
    }

    private func start(_ arguments: [String]) throws -> Program.Running {
        guard let nsenter = Program.tool("nsenter") else { throw POSIXError(.ENOENT) }
        let path = "/usr/sbin:/usr/bin:/sbin:/bin"
        let process = try nsenter.start(["--pid=/proc/\(sandboxPID)/ns/pid"] + arguments, environment: ["PATH": path])
        processes.append(process)
        return process
    }

    private static func shell(_ command: String, _ user: Int?) -> [String] {
        let identity = user.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups"] } ?? []
        return identity + ["sh", "-c", command]
    }
}

extension Program.Running {
    /// The processes that its main thread started.
    var children: [Int32] {
        let identity = status("stat").split(separator: " ").first ?? ""
        return status("task/\(identity)/children").split(separator: " ").compactMap { Int32($0) }
    }
}
