import Foundation
import Glibc

/// Programs that tests run: the built agent and its test helper, and tools of the machine.
struct Program {
    let path: String

    /// Built beside the tests.
    static let agent = Program(path: productsFolder + "/latchkey-agent")
    /// Publishes one set: see its main.swift.
    static let writer = Program(path: productsFolder + "/atomic-directory-writer")

    /// What `make agent` leaves: the agent as it goes into the image.
    static let staticAgent = Program(
        path: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/.build/bin/latchkey-agent")
    static let hasStaticAgent = access(staticAgent.path, X_OK) == 0

    private static let productsFolder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    struct Outcome {
        /// The exit status, or 128 + the signal.
        let status: Int32
        let output: String
        let errors: String
        var wasKilled: Bool { status == 128 + SIGKILL }
    }

    /// A tool on PATH; nil where it is missing.
    static func tool(_ name: String) -> Program? {
        let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }.map(Program.init(path:))
    }

    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        try start(arguments, environment: environment).wait()
    }

    /// Runs this program by another one: `strace`, `setpriv`, a shell.
    func run(under tool: Program, _ options: [String], _ arguments: [String]) throws -> Outcome {
        try tool.run(options + [path] + arguments)
    }

    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
        try Running(path: path, arguments: arguments, environment: environment)
    }

    /// A program at work. Its output goes to files: a pipe that nobody reads would stop it.
    final class Running {
        private let process = Process()
        private let folder: TemporaryFolder

        init(path: String, arguments: [String], environment: [String: String]) throws {
            folder = try TemporaryFolder()
            for name in ["output", "errors"] {
                guard FileManager.default.createFile(atPath: folder.path + "/" + name, contents: nil) else {
                    throw CocoaError(.fileWriteUnknown)
                }
            }
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.environment = environment
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/output"))
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/errors"))
            try process.run()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        /// `/proc/<pid>/<name>` while it runs.
        func status(_ name: String) -> String {
            (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/\(name)", encoding: .utf8)) ?? ""
        }

        var isRunning: Bool { process.isRunning }

        /// What it has said so far.
        var saidSoFar: String { (try? String(contentsOfFile: folder.path + "/output", encoding: .utf8)) ?? "" }

        /// Waits for the end; a program that hangs is killed, so that its test fails and the others go on.
        func wait() throws -> Outcome {
            let deadline = ContinuousClock.now + .seconds(120)
            while process.isRunning, ContinuousClock.now < deadline { usleep(2_000) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            let status = process.terminationStatus
            return Outcome(
                status: process.terminationReason == .exit ? status : 128 + status,
                output: try String(contentsOfFile: folder.path + "/output", encoding: .utf8),
                errors: try String(contentsOfFile: folder.path + "/errors", encoding: .utf8))
        }
    }
}
