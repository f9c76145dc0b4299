internal import COpenSSL
internal import Glibc

/// Reads small files whole.
enum FileReader {
    /// Why a file could not be read.
    enum Failure: Error, Equatable {
        /// `errno` of the call that failed.
        case system(Int32)
        /// There is more in it than the limit.
        case tooLarge
    }

    /// A file's content.
    static func read(_ path: String, limit: Int) throws(Failure) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        let buffer = SecretBuffer()
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16384, alignment: 1)
        defer {
            if let base = chunk.baseAddress { OPENSSL_cleanse(base, chunk.count) }
            chunk.deallocate()
        }
        while true {
            let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            if count == 0 { return buffer.take() }
            guard buffer.count + count <= limit else { throw .tooLarge }
            buffer.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
    }
}
