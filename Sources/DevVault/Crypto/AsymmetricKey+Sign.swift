import COpenSSL

extension AsymmetricKey {
    private func matches(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (kind, algorithm.family) {
        case (.rsa, .rsaPKCS1), (.rsa, .rsaPSS): true
        case (.ec(let curve), .ecdsa(let wanted)): curve == wanted
        default: false
        }
    }

    private func prepare(_ context: OpaquePointer, _ algorithm: SignatureAlgorithm) -> Bool {
        guard EVP_PKEY_CTX_set_signature_md(context, algorithm.digest.function) == 1 else { return false }
        switch algorithm.family {
        case .ecdsa: return true
        case .rsaPKCS1: return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        case .rsaPSS:
            return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(algorithm.digest.size)) == 1
        }
    }

    /// Signs a digest. An ECDSA signature is r and s behind each other, as JOSE has it.
    func sign(digest: [UInt8], _ algorithm: SignatureAlgorithm) throws(CryptoError) -> [UInt8] {
        guard matches(algorithm), digest.count == algorithm.digest.size else { throw .wrongAlgorithm }
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .failed }
        defer { EVP_PKEY_CTX_free(context) }
        var length = 0
        guard EVP_PKEY_sign_init(context) == 1, prepare(context, algorithm),
            EVP_PKEY_sign(context, nil, &length, digest, digest.count) == 1
        else { throw .failed }
        var signature = [UInt8](repeating: 0, count: length)
        guard EVP_PKEY_sign(context, &signature, &length, digest, digest.count) == 1 else { throw .failed }
        let bytes = Array(signature.prefix(length))
        guard case .ecdsa(let curve) = algorithm.family else { return bytes }
        return try ECDSASignature.joined(bytes, size: curve.size)
    }

    /// Whether the signature is this key's over the digest.
    func verifies(signature: [UInt8], digest: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        guard matches(algorithm), digest.count == algorithm.digest.size else { return false }
        var signature = signature
        if case .ecdsa(let curve) = algorithm.family {
            guard signature.count == 2 * curve.size else { return false }
            signature = DER.sequence([
                DER.unsigned(Array(signature.prefix(curve.size))), DER.unsigned(Array(signature.suffix(curve.size))),
            ])
        }
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_init(context) == 1, prepare(context, algorithm) else { return false }
        return EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
    }
}

/// The two forms of an ECDSA signature.
enum ECDSASignature {
    /// From DER to r and s of `size` bytes each.
    static func joined(_ der: [UInt8], size: Int) throws(CryptoError) -> [UInt8] {
        let parsed = der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &start, buffer.count)
        }
        guard let parsed else { throw .malformed }
        defer { ECDSA_SIG_free(parsed) }
        var output: [UInt8] = []
        for number in [ECDSA_SIG_get0_r(parsed), ECDSA_SIG_get0_s(parsed)] {
            var part = [UInt8](repeating: 0, count: size)
            guard BN_bn2binpad(number, &part, Int32(size)) == Int32(size) else { throw .failed }
            output += part
        }
        return output
    }
}
