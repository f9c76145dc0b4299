public import Foundation
public import JSON

/// The shared fixtures: captured reviews, recorded sessions, corpora. They lie outside the repository.
public enum Fixtures {
    /// The folder named by `LATCHKEY_FIXTURES`, else `../shared/fixtures` beside the repository; nil where it is absent.
    public static let root: URL? = {
        let named = ProcessInfo.processInfo.environment["LATCHKEY_FIXTURES"].map { URL(fileURLWithPath: $0) }
        let url =
            named
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/fixtures")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }()

    /// For `.enabled(if:)`, with ``skipMessage``.
    public static var arePresent: Bool { root != nil }

    /// Why a test is skipped.
    public static let skipMessage = "the shared fixtures are missing; set LATCHKEY_FIXTURES to their folder"

    /// The files of a folder below the root that end in `.json`, sorted by name.
    public static func jsonFiles(in folder: String) -> [URL] {
        guard let root else { return [] }
        let urls = try? FileManager.default.contentsOfDirectory(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return (urls ?? []).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    /// A file's bytes.
    public static func bytes(_ url: URL) throws -> [UInt8] {
        Array(try Data(contentsOf: url))
    }

    /// A file parsed as JSON.
    public static func json(_ url: URL) throws -> JSONValue {
        try JSONValue(parsing: bytes(url))
    }
}
