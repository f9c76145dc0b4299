import Foundation

/// A program run to its end.
enum Subprocess {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    static func run(_ path: String, _ arguments: [String], input: [UInt8] = []) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-run-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files and not pipes: nothing can fill up.
        func file(_ name: String, _ content: [UInt8] = []) throws -> FileHandle {
            let url = folder.appendingPathComponent(name)
            try Data(content).write(to: url)
            return try FileHandle(forUpdating: url)
        }
        process.standardInput = try file("in", input)
        process.standardOutput = try file("out")
        process.standardError = try file("err")
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) -> String {
            (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
        }
        return Outcome(status: process.terminationStatus, output: text("out"), errors: text("err"))
    }
}
