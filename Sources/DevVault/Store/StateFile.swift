import Glibc
import JSON

/// The file that a state lives in. Written beside its name and renamed, so that a kill at any moment leaves the old or
/// the new text; held with a lock, so that two dev vaults never take turns in overwriting each other.
final class StateFile: Sendable {
    let path: String
    private let lock: Int32

    /// Takes the lock.
    init(_ path: String) throws(DevVaultError) {
        self.path = path
        lock = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .stateUnwritable(path: path, reason: Self.reason()) }
        // Every property is set, so `deinit` closes the lock after a throw.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw .stateInUse(path: path) }
    }

    deinit { if lock >= 0 { close(lock) } }

    /// The file's content, or nil where it is missing.
    func read() throws(DevVaultError) -> [UInt8]? {
        do throws(FileFailure) {
            return try PlainFile.read(path, limit: 256 * 1024 * 1024)
        } catch {
            if error.code == ENOENT { return nil }
            throw .stateUnreadable(path: path, reason: error.description)
        }
    }

    /// Replaces the content; mode 0600.
    func write(_ bytes: [UInt8]) throws(DevVaultError) {
        do throws(FileFailure) {
            try PlainFile.replace(path, with: bytes, mode: 0o600)
        } catch {
            throw .stateUnwritable(path: path, reason: error.description)
        }
    }

    private static func reason() -> String { FileFailure(code: errno).description }
}

/// A failed system call on a file.
struct FileFailure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: strerror(code)) }
}

/// Whole files at once.
enum PlainFile {
    /// Reads a file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure(code: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFailure(code: errno)
            }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else { throw FileFailure(code: EFBIG) }
        }
    }

    /// Writes `<path>.tmp`, syncs it, renames it over `path` and syncs the folder.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(FileFailure) {
        let temporary = path + ".tmp"
        let file = open(temporary, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw FileFailure(code: errno) }
        var failure: FileFailure?
        var start = 0
        if fchmod(file, mode) != 0 { failure = FileFailure(code: errno) }
        while failure == nil, start < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress.map { $0 + start }, buffer.count - start)
            }
            if written < 0, errno != EINTR { failure = FileFailure(code: errno) }
            start += max(0, written)
        }
        if failure == nil, fsync(file) != 0 { failure = FileFailure(code: errno) }
        close(file)
        if failure == nil, rename(temporary, path) != 0 { failure = FileFailure(code: errno) }
        if let failure {
            unlink(temporary)
            throw failure
        }
        let end = path.lastIndex(of: "/")
        let folder = open(end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".", O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }
}
