internal import COpenSSL

/// A memory BIO: what OpenSSL writes into, and reads out of. OpenSSL overwrites it when it is freed.
final class OpenSSLBuffer {
    /// The `BIO *`; nil where there is no memory.
    let pointer: OpaquePointer?

    init() {
        pointer = BIO_new(BIO_s_mem())
    }

    deinit {
        BIO_free(pointer)
    }

    /// What was written.
    var content: SecretBytes {
        let buffer = SecretBuffer(capacity: BIO_ctrl_pending(pointer))
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer {
            if let base = chunk.baseAddress { OPENSSL_cleanse(base, chunk.count) }
            chunk.deallocate()
        }
        while true {
            let count = BIO_read(pointer, chunk.baseAddress, Int32(chunk.count))
            guard count > 0 else { return buffer.take() }
            buffer.append(UnsafeRawBufferPointer(rebasing: chunk[..<Int(count)]))
        }
    }
}
