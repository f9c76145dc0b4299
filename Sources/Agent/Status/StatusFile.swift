import Glibc
import JSON
import SecretSpec

/// The status file beside the data. Readers see an old or a new one whole.
package struct StatusFile {
    /// No path of a plan begins like this.
    static let name: FileName = "..status.json"
    /// A killed run leaves this one name and no others; the next write, or the next publication, removes it.
    private static let temporary: FileName = "..status.new"
    private static let limit = 4 << 20

    private let directory: String
    private let console: Console

    init(plan: AgentPlan, console: Console) {
        directory = plan.directory
        self.console = console
    }

    /// Writes a report. That it cannot is said and no more: the files themselves are what counts.
    /// - Returns: whether it could.
    @discardableResult
    func write(_ report: StatusReport, now: Moment = .now, isQuiet: Bool = false) -> Bool {
        do throws(SystemError) {
            try Self.write(Array(report.json(now: now).serialized()) + [UInt8(ascii: "\n")], to: directory)
            return true
        } catch {
            if !isQuiet {
                console.warn(
                    "the status file in '\(directory)' was not written: \(String(cString: strerror(error.code)))")
            }
            return false
        }
    }

    /// What was last written; nil where it is missing or unusable.
    func read() -> JSONValue? {
        guard let root = try? DirectoryHandle.open(directory), let bytes = try? root.read(Self.name, limit: Self.limit)
        else { return nil }
        return try? JSONValue(parsing: bytes)
    }

    /// Replaces the file.
    package static func write(_ bytes: [UInt8], to directory: String) throws(SystemError) {
        let root = try DirectoryHandle.open(directory)
        if try root.kind(of: temporary) != nil { try root.removeTree(temporary) }
        do throws(SystemError) {
            try write(bytes, in: root)
            try root.rename(temporary, to: name)
        } catch {
            try? root.removeTree(temporary)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], in root: borrowing DirectoryHandle) throws(SystemError) {
        let file = try root.createFile(temporary)
        let problem = bytes.withUnsafeBytes { bytes -> SystemError? in
            do throws(SystemError) { try file.write(bytes) } catch { return error }
            return nil
        }
        if let problem { throw problem }
        try file.set(mode: 0o444, group: nil)
    }
}
