import COpenSSL

/// A public key, or a key pair, held by OpenSSL.
///
/// `@unchecked`: an EVP_PKEY is reference counted with atomics and not changed after it was made.
final class AsymmetricKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes the reference over.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    /// What to generate.
    enum Kind: Equatable, Sendable {
        case rsa(bits: Int)
        case ec(EllipticCurve)
    }

    /// A new key pair.
    static func generate(_ kind: Kind) throws(CryptoError) -> AsymmetricKey {
        let name =
            switch kind {
            case .rsa: "RSA"
            case .ec: "EC"
            }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw .failed }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw .failed }
        let isSet =
            switch kind {
            case .rsa(let bits): EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(clamping: bits))
            case .ec(let curve): EVP_PKEY_CTX_set_group_name(context, curve.groupName)
            }
        var key: OpaquePointer?
        guard isSet > 0, EVP_PKEY_generate(context, &key) == 1, let key else { throw .failed }
        return AsymmetricKey(owning: key)
    }

    /// A private key in DER: PKCS#8, PKCS#1 or SEC1.
    convenience init(privateDER bytes: [UInt8]) throws(CryptoError) {
        let key = bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &start, buffer.count)
        }
        guard let key else { throw .malformed }
        self.init(owning: key)
    }

    /// A SubjectPublicKeyInfo in DER.
    convenience init(publicDER bytes: [UInt8]) throws(CryptoError) {
        let key = bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_PUBKEY(nil, &start, buffer.count)
        }
        guard let key else { throw .malformed }
        self.init(owning: key)
    }

    /// The key pair as PKCS#8.
    func privateDER() throws(CryptoError) -> [UInt8] {
        guard let info = EVP_PKEY2PKCS8(pointer) else { throw .failed }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        return try OpenSSLBuffer.bytes { i2d_PKCS8_PRIV_KEY_INFO(info, $0) }
    }

    /// Size of an RSA modulus or of a curve's field.
    var bits: Int { Int(EVP_PKEY_get_bits(pointer)) }

    /// What kind of key this is, or nil for one that Key Vault does not know.
    var kind: Kind? {
        if EVP_PKEY_is_a(pointer, "RSA") == 1 { return .rsa(bits: bits) }
        guard EVP_PKEY_is_a(pointer, "EC") == 1 else { return nil }
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(pointer, &name, name.count, &length) == 1 else { return nil }
        let text = String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return EllipticCurve.allCases.first { $0.groupName == text }.map { .ec($0) }
    }
}

/// Copies what OpenSSL allocates.
enum OpenSSLBuffer {
    /// Runs one of the `i2d_` functions with an empty pointer, for which it allocates.
    static func bytes(
        _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
    ) throws(CryptoError) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        let length = write(&output)
        guard length > 0, let output else { throw .failed }
        defer { CRYPTO_clear_free(output, Int(length), nil, 0) }
        return Array(UnsafeBufferPointer(start: output, count: Int(length)))
    }
}
