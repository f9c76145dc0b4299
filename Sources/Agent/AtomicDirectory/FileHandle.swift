import Glibc

/// A file that is being written.
struct FileHandle: ~Copyable {
    private let descriptor: Int32
    private let name: FileName

    init(descriptor: Int32, name: FileName) {
        self.descriptor = descriptor
        self.name = name
    }

    deinit { close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest)
            let written = Glibc.write(descriptor, slice.baseAddress, slice.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw SystemError(attempt: .write, subject: name.description, code: written == 0 ? EIO : errno)
            }
            rest = rest.dropFirst(written)
        }
    }

    /// Gives the file a group and then, because a change of owner may clear bits, exactly these permissions, whatever
    /// the umask.
    func set(mode: UInt32, group: UInt32?) throws(SystemError) {
        if let group { try set(group: group) }
        guard fchmod(descriptor, mode) == 0 else {
            throw SystemError(attempt: .setMode, subject: name.description, code: errno)
        }
    }

    private func set(group: UInt32) throws(SystemError) {
        var status = stat()
        // Most volumes give the group by their set-group-ID bit; then a process without the right to change it needs none.
        if fstat(descriptor, &status) == 0, status.st_gid == group { return }
        guard fchown(descriptor, uid_t.max, group) == 0 else {
            throw SystemError(attempt: .setGroup, subject: name.description, code: errno)
        }
    }
}
