internal import COpenSSL

/// A private key of any kind that OpenSSL knows.
final class PrivateKey {
    /// The `EVP_PKEY *`.
    let pointer: OpaquePointer

    /// Takes over a reference.
    init(adopting pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// A key in PKCS#8, PKCS#1 or SEC 1; nil for anything else.
    init?(der: UnsafeRawBufferPointer) {
        var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let pointer = d2i_AutoPrivateKey(nil, &position, der.count) else {
            ERR_clear_error()
            return nil
        }
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// Appends the PEM block, unencrypted PKCS#8.
    func write(to buffer: OpenSSLBuffer) {
        PEM_write_bio_PKCS8PrivateKey(buffer.pointer, pointer, nil, nil, 0, nil, nil)
    }
}
