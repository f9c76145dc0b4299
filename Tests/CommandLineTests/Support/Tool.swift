import Foundation

/// The built `latchkey`, run as a person would.
enum Tool {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("latchkey").path

    static func run(_ arguments: [String], input: String = "") throws -> Outcome {
        let folder = try TemporaryFolder()
        let process = try start(arguments, in: folder, input: input)
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: folder.text("output"), errors: folder.text("errors"))
    }

    /// Starts it with its streams in files of the folder, which cannot fill up as pipes do.
    static func start(_ arguments: [String], in folder: TemporaryFolder, input: String = "") throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: try folder.file("input", input))
        process.standardOutput = try FileHandle(forWritingTo: try folder.file("output"))
        process.standardError = try FileHandle(forWritingTo: try folder.file("errors"))
        try process.run()
        return process
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-test-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func file(_ name: String, _ content: String = "") throws -> URL {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try Data(content.utf8).write(to: url)
        return url
    }

    func text(_ name: String) -> String {
        (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    }
}
