import Glibc
import VaultClient

extension DirectoryHandle {
    /// No set is larger than its volume, and no volume nearly as large as this.
    private static let publishedLimit = 64 << 20

    /// The bytes of a file of ours. One that its owner may not read is made readable to the owner for as long as it
    /// takes.
    func readPublished(_ name: FileName) throws(SystemError) -> SecretBytes {
        var status = stat()
        guard name.withCString({ fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError(attempt: .look, subject: name.description, code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(attempt: .read, subject: name.description, code: EINVAL)
        }
        let mode = status.st_mode & 0o7777
        let isReadable = mode & 0o400 != 0
        if !isReadable { setMode(name, mode | 0o400) }
        defer { if !isReadable { setMode(name, mode) } }
        return try readSecret(name, limit: min(max(0, status.st_size), Self.publishedLimit))
    }

    /// A text that is another for every file that was ever put in this one's place.
    func stamp(of name: FileName) -> String? {
        var status = stat()
        guard name.withCString({ fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return nil }
        return "\(status.st_ino).\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// The bytes of a small file that may hold a secret. `EFBIG` where it is longer than the limit.
    func readSecret(_ name: FileName, limit: Int) throws(SystemError) -> SecretBytes {
        let file = try open(name)
        defer { close(file) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 1)
        var length = 0
        defer {
            if let base = buffer.baseAddress { explicit_bzero(base, length) }
            buffer.deallocate()
        }
        while length <= limit {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
            let count = Glibc.read(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(attempt: .read, subject: name.description, code: errno) }
            if count == 0 { return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: buffer[..<length])) }
            length += count
        }
        throw SystemError(attempt: .read, subject: name.description, code: EFBIG)
    }
}
