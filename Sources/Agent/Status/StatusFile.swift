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
        do throws(WriteError) {
            try Self.write(Array(report.json(now: now).serialized()) + [UInt8(ascii: "\n")], to: directory)
            return true
        } catch {
            if !isQuiet {
                console.warn("the status file was not written: \(error)")
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
    package static func write(_ bytes: [UInt8], to directory: String) throws(WriteError) {
        let directory = AtomicDirectory(path: directory, group: nil)
        var written: Result<StagedFile, WriteError>?
        bytes.withUnsafeBytes { bytes in
            written = Result { () throws(WriteError) in
                try StagedFile(bytes, as: name, by: temporary, mode: 0o444, in: directory)
            }
        }
        try written?.get().commit()
    }
}
