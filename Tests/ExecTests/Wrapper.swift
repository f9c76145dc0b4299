import Foundation
import SecretSpec

/// `latchkey-exec` as `make exec` leaves it.
enum Wrapper {
    static let path =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/.build/bin/latchkey-exec"
    static let isBuilt = access(path, X_OK) == 0

    struct Outcome {
        let status: Int32
        let output: [UInt8]
        let errors: String
    }

    /// Runs it, or the program given, and waits.
    static func run(
        _ arguments: [String], program: String = path, environment: [String: String] = [:]
    ) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, errors) = (folder.appendingPathComponent("output"), folder.appendingPathComponent("errors"))
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        let status = process.terminationStatus
        return Outcome(
            status: process.terminationReason == .exit ? status : 128 + status,
            output: [UInt8](try Data(contentsOf: output)), errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Writes an environment file for as long as the closure runs.
    static func withFile<R>(_ bytes: [UInt8], _ body: (_ path: String) throws -> R) throws -> R {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("environment-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path)
    }
}
