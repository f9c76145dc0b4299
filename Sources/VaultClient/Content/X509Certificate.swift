internal import COpenSSL

/// An X.509 certificate.
final class X509Certificate {
    /// The `X509 *`.
    let pointer: OpaquePointer

    /// Takes over a reference.
    init(adopting pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Nil where the bytes are not exactly one certificate in DER.
    init?(der: UnsafeRawBufferPointer) {
        var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let end = position.map { $0 + der.count }
        guard let pointer = d2i_X509(nil, &position, der.count) else {
            ERR_clear_error()
            return nil
        }
        self.pointer = pointer
        if position != end { return nil }
    }

    deinit {
        X509_free(pointer)
    }

    /// Appends the PEM block.
    func write(to buffer: OpenSSLBuffer) {
        PEM_write_bio_X509(buffer.pointer, pointer)
    }

    /// Whether this certificate's subject and key usage make it the issuer of another.
    func isIssuer(of other: X509Certificate) -> Bool {
        self !== other && X509_check_issued(pointer, other.pointer) == X509_V_OK
    }

    /// Whether it was issued by itself, as a root is.
    var isSelfIssued: Bool {
        X509_NAME_cmp(X509_get_subject_name(pointer), X509_get_issuer_name(pointer)) == 0
    }

    /// Whether the key belongs to it.
    func matches(_ key: PrivateKey) -> Bool {
        let matches = X509_check_private_key(pointer, key.pointer) == 1
        ERR_clear_error()
        return matches
    }
}
