import Glibc
import VaultClient

extension DirectoryHandle {
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
