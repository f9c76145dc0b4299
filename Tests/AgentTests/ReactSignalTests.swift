import Foundation
import Glibc
import SecretSpec
import Testing

@testable import Agent

@Suite(
    "Signals in a process namespace that containers share",
    .enabled(if: SharedNamespace.isPossible, SharedNamespace.message))
struct ReactSignalTests {
    @Test("the main process of each container that mounts the volume, and nobody else")
    func mainProcesses() throws {
        let pod = try SharedNamespace()
        let web = try pod.application("web")
        let worker = try pod.application("worker")
        let debugger = try pod.application("exec", in: web)
        let mesh = try pod.application("mesh", withoutVolume: true)
        for round in 1...2 {
            let outcome = try pod.signal("SIGHUP")
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            let expected = ["UP"] + [String](repeating: "HUP", count: round)
            try SharedNamespace.wait { pod.notes(of: "web") == expected && pod.notes(of: "worker") == expected }
        }
        // SIGTERM after it: what they note until then is all that came.
        for (process, name) in [(debugger, "exec"), (mesh, "mesh")] {
            for child in process.children { kill(child, SIGTERM) }
            #expect(try process.wait().status == 0)
            #expect(pod.notes(of: name) == ["UP", "TERM"])
        }
        #expect(web.isRunning && worker.isRunning)
    }

    @Test("where no container mounts the volume, or none has started, nobody is signalled and that is said")
    func nobody() throws {
        let pod = try SharedNamespace()
        _ = try pod.application("mesh", withoutVolume: true)
        let outcome = try pod.signal("SIGHUP")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("shareProcessNamespace: true"))
        #expect(pod.notes(of: "mesh") == ["UP"])
    }

    @Test("without a shared namespace the agent does not signal itself")
    func notShared() throws {
        let unshare = try #require(Program.tool("unshare"))
        let tmpfs = try Tmpfs(options: "size=64k")
        let outcome = try Program.signaller.run(
            under: unshare, ["--pid", "--mount", "--fork", "--mount-proc"], [tmpfs.folder.path, "SIGKILL"])
        #expect(outcome.status == 1 && outcome.output.contains("shareProcessNamespace: true"), "\(outcome)")
    }

    @Test("in the node's namespace, whose first process sees every volume, nobody is signalled")
    func nodeNamespace() throws {
        let unshare = try #require(Program.tool("unshare"))
        let tmpfs = try Tmpfs(options: "size=64k")
        let note = try TemporaryFolder()
        // Process 1 mounts the volume and would note a signal, and so does a service with mounts of its own.
        let script = """
            trap 'echo HUP >>\(note.path)/init' HUP
            unshare --mount sh -c "trap 'echo HUP >>\(note.path)/service' HUP; while :; do sleep 0.02; done" &
            service=$!
            unshare --mount \(Program.signaller.path) \(tmpfs.folder.path) SIGHUP >\(note.path)/said
            echo $? >\(note.path)/status
            kill -9 $service
            """
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let outcome = try unshare.run(
            ["--pid", "--mount", "--fork", "--mount-proc", "sh", "-c", script], environment: path)
        #expect(note.visible["status"] == "1\n", "\(outcome)")
        #expect(note.names == ["said", "status"])
    }

    @Test(
        "the application's user may be signalled, another one may not, and then nobody is",
        .enabled(if: Machine.canDropPrivileges, Machine.privilegesMessage))
    func users() throws {
        let pod = try SharedNamespace()
        _ = try pod.application("web", user: 1000)
        #expect(try pod.signal("SIGHUP", user: 1000).status == 0)
        try SharedNamespace.wait { pod.notes(of: "web") == ["UP", "HUP"] }

        let worker = try pod.application("worker", user: 1001)
        let outcome = try pod.signal("SIGHUP", user: 1000)
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("uid 1000 may not send SIGHUP"))
        #expect(outcome.output.contains("latchkey.dev/run-as-user: \"1001\""))
        let ending = try pod.signal("end", "10000", user: 1000)
        #expect(ending.status == 1 && ending.output.contains("may not send SIGTERM"))
        #expect(worker.isRunning && pod.notes(of: "web") == ["UP", "HUP"] && pod.notes(of: "worker") == ["UP"])
    }

    @Test(
        "old kernels and old seccomp profiles know no process descriptors",
        .enabled(if: Machine.canTrace, Machine.traceMessage),
        arguments: ["pidfd_open:error=ENOSYS", "pidfd_open:error=EPERM", "pidfd_send_signal:error=EPERM"])
    func withoutDescriptors(fault: String) throws {
        let pod = try SharedNamespace()
        _ = try pod.application("web")
        let trace = pod.notes.path + "/trace"
        let outcome = try pod.signal("SIGHUP", under: ["strace", "-f", "-o", trace, "-e", "inject=\(fault)"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(pod.notes(of: "trace").contains { $0.contains("(INJECTED)") })
        try SharedNamespace.wait { pod.notes(of: "web") == ["UP", "HUP"] }
    }

    @Test("an end is SIGTERM, and SIGKILL to those alone that are still there after the grace")
    func end() throws {
        let pod = try SharedNamespace()
        let polite = try pod.application("polite")
        let stubborn = try pod.application("stubborn", ignoresTermination: true)
        let outcome = try pod.signal("end", "300")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try polite.wait().status == 0 && pod.notes(of: "polite") == ["UP", "TERM"])
        #expect(try stubborn.wait().wasKilled)
    }

    @Test("nobody who ends in time is waited for, and a process that comes later is not touched")
    func endIsNoLongerThanNeeded() throws {
        let pod = try SharedNamespace()
        let old = try pod.application("old")
        // The grace is longer than the test's patience.
        let outcome = try pod.signal("end", "600000")
        #expect(outcome.status == 0)
        #expect(try old.wait().status == 0)
        let new = try pod.application("new")
        #expect(new.isRunning && pod.notes(of: "new") == ["UP"])
    }
}

@Suite("One process and no other")
struct ReactProcessHandleTests {
    let table = ProcessTable()

    func sleeper() throws -> (process: Program.Running, entry: ProcessTable.Entry) {
        let process = try #require(Program.tool("sleep")).start(["1000"])
        let number = try #require(process.status("stat").split(separator: " ").first.flatMap { Int32($0) })
        return (process, try #require(table.entry(number)))
    }

    @Test("signals reach it and, once it has ended, nobody", arguments: [true, false])
    func lifetime(usesDescriptor: Bool) throws {
        let (process, entry) = try sleeper()
        let handle = try #require(try ProcessHandle(entry, table: table, usesDescriptor: usesDescriptor))
        let (hangup, kill) = (try #require(Signal(name: "SIGHUP")), try #require(Signal(name: "SIGKILL")))
        try handle.check(kill)
        #expect(!handle.hasEnded && process.isRunning)
        #expect(try handle.send(kill))
        #expect(try process.wait().wasKilled)
        #expect(handle.hasEnded)
        #expect(try !handle.send(hangup))
        #expect(try ProcessHandle(entry, table: table, usesDescriptor: usesDescriptor) == nil)
    }

    @Test("a number that another process has taken over is not taken for it", arguments: [true, false])
    func recycled(usesDescriptor: Bool) throws {
        let (process, entry) = try sleeper()
        let before = ProcessTable.Entry(
            process: entry.process, parent: entry.parent, started: entry.started - 1, isZombie: false)
        #expect(try ProcessHandle(before, table: table, usesDescriptor: usesDescriptor) == nil)
        #expect(process.isRunning)
    }

    @Test("the user is the real one")
    func user() { #expect(table.user(getpid()) == getuid()) }
}
