import Foundation

/// A program of the machine that reads what filters write: the judge of them.
enum Interpreter {
    /// Whether a program starts and ends well.
    static func works(_ command: [String]) -> Bool { (try? run(command)) != nil }

    /// What a program writes to its standard output.
    static func run(_ command: [String], input: Data = Data(), directory: URL? = nil) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (source, output) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
        try input.write(to: source)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = directory
        process.standardInput = try FileHandle(forReadingFrom: source)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return try Data(contentsOf: output)
    }

    struct Failure: Error {
        let status: Int32
    }
}
