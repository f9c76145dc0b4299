import COpenSSL

/// RSA encryption as Key Vault names it.
enum EncryptionAlgorithm: String, Sendable {
    case rsa15 = "RSA1_5"
    case rsaOAEP = "RSA-OAEP"
    case rsaOAEP256 = "RSA-OAEP-256"
}

extension AsymmetricKey {
    func encrypt(_ bytes: [UInt8], _ algorithm: EncryptionAlgorithm) throws(CryptoError) -> [UInt8] {
        try transform(bytes, algorithm, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt)
    }

    func decrypt(_ bytes: [UInt8], _ algorithm: EncryptionAlgorithm) throws(CryptoError) -> [UInt8] {
        try transform(bytes, algorithm, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
    }

    private func transform(
        _ bytes: [UInt8], _ algorithm: EncryptionAlgorithm, _ start: (OpaquePointer?) -> Int32,
        _ run: (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
        ) -> Int32
    ) throws(CryptoError) -> [UInt8] {
        guard case .rsa = kind else { throw .wrongAlgorithm }
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .failed }
        defer { EVP_PKEY_CTX_free(context) }
        guard start(context) == 1 else { throw .failed }
        switch algorithm {
        case .rsa15:
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 else { throw .failed }
        case .rsaOAEP, .rsaOAEP256:
            let hash = algorithm == .rsaOAEP ? EVP_sha1() : EVP_sha256()
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1, EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1
            else { throw .failed }
        }
        var length = 0
        guard run(context, nil, &length, bytes, bytes.count) == 1 else { throw .failed }
        var output = [UInt8](repeating: 0, count: length)
        guard run(context, &output, &length, bytes, bytes.count) == 1 else { throw .failed }
        return Array(output.prefix(length))
    }
}
