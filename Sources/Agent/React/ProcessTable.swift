import CLinux
import Glibc

/// What `/proc` says of processes. All of it may be gone at the next look, and other users' processes chose some of it:
/// names above all.
struct ProcessTable: Sendable {
    /// One process, told from a later one with the same number by when it started.
    struct Entry: Hashable, Sendable {
        let process: Int32
        /// 0 where its parent is outside of the namespace.
        let parent: Int32
        /// In clock ticks since the machine started.
        let started: UInt64
        let isZombie: Bool

        /// Of two that started in one tick, the lower number is taken for the older.
        func isOlder(than other: Self) -> Bool {
            (started, process) < (other.started, other.process)
        }
    }

    private static let maximumFileBytes = 4 << 20

    var path = "/proc"

    /// Their numbers.
    func processes() throws(ReactionError) -> [Int32] {
        guard let stream = opendir(path) else { throw .system(attempt: "list '\(path)'", code: errno) }
        defer { closedir(stream) }
        var numbers: [Int32] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if let number = Self.number(name[...], as: Int32.self), number > 0 { numbers.append(number) }
        }
        return numbers
    }

    /// Nil where the process is gone.
    func entry(_ process: Int32) -> Entry? {
        guard let bytes = read("\(process)/stat"), let entry = Self.parse(stat: bytes, process: process) else {
            return nil
        }
        return entry
    }

    /// The real user id.
    func user(_ process: Int32) -> UInt32? {
        guard let bytes = read("\(process)/status") else { return nil }
        // The name, which comes first, has its line breaks escaped.
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Uid:".utf8) {
            let fields = line.dropFirst(4).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            return fields.first.flatMap { Self.number($0, as: UInt32.self) }
        }
        return nil
    }

    /// The ids of the mounts of one file system that a process sees; none where it is gone.
    /// - Parameter process: a number, or `self`.
    func mounts(of process: String, on device: DeviceNumber) -> Set<UInt64> {
        var ids: Set<UInt64> = []
        for line in (read("\(process)/mountinfo") ?? []).split(separator: UInt8(ascii: "\n")) {
            // id, parent's id, major:minor, ...: the paths come later, with their spaces escaped.
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
            guard fields.count == 4, device.isWritten(as: fields[2]) else { continue }
            if let id = Self.number(fields[0], as: UInt64.self) { ids.insert(id) }
        }
        return ids
    }

    /// `pid (name) state ppid ...`: a name holds whatever its process likes, so the fields are counted from its end.
    static func parse(stat bytes: [UInt8], process: Int32) -> Entry? {
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        // Field 3 of proc_pid_stat(5) is the first here, field 22 is the start.
        guard fields.count >= 20, let state = fields[0].first, let parent = number(fields[1], as: Int32.self),
            let started = number(fields[19], as: UInt64.self)
        else { return nil }
        return Entry(
            process: process, parent: parent, started: started,
            isZombie: state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"))
    }

    private static func number<Number: FixedWidthInteger>(_ digits: ArraySlice<UInt8>, as: Number.Type) -> Number? {
        guard !digits.isEmpty, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return Number(String(decoding: digits, as: UTF8.self))
    }

    private func read(_ name: String) -> [UInt8]? {
        let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count < Self.maximumFileBytes {
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, initialized in
                count = Glibc.read(file, buffer.baseAddress, buffer.count)
                initialized = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += chunk
        }
        return bytes
    }
}
