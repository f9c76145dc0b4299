import Foundation
import Glibc

/// A folder that goes with its last owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/latchkey-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        // Tests enter it under other user ids.
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// What a reader sees: every regular file below the names that are not ours, links followed, by path. Links that
    /// dangle hold nothing.
    var visible: [String: String] {
        var files: [String: String] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where !name.hasPrefix("..") {
            collect(name, into: &files)
        }
        return files
    }

    private func collect(_ relative: String, into files: inout [String: String]) {
        let whole = "\(path)/\(relative)"
        guard let children = try? FileManager.default.contentsOfDirectory(atPath: whole) else {
            if let text = try? String(contentsOfFile: whole, encoding: .utf8) { files[relative] = text }
            return
        }
        for child in children { collect("\(relative)/\(child)", into: &files) }
    }

    /// Every name in the folder itself, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Names that are neither links of the set nor `..data` nor what it points to.
    func leftovers(besides names: Set<String>) -> [String] {
        let current = try? FileManager.default.destinationOfSymbolicLink(atPath: path + "/..data")
        return self.names.filter { $0 != "..data" && $0 != current && !names.contains($0) }
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    func status(_ name: String) throws -> stat {
        var status = stat()
        guard stat("\(path)/\(name)", &status) == 0 else { throw POSIXError(.ENOENT) }
        return status
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func mode(_ name: String) throws -> UInt32 { try status(name).st_mode & 0o7777 }
}
