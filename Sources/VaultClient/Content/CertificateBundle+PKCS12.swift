internal import COpenSSL

extension CertificateBundle {
    /// Opens PKCS#12 that has no password: an empty one, or none at all, which are not the same to the format.
    init(pkcs12 der: SecretBytes) throws(CertificateBundleProblem) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let file = der.withUnsafeBytes { bytes in
            var position = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return d2i_PKCS12(nil, &position, bytes.count)
        }
        guard let file else { throw .notPKCS12 }
        defer { PKCS12_free(file) }
        var key: OpaquePointer?
        var leaf: OpaquePointer?
        var others: OpaquePointer?
        // OpenSSL tries the two kinds of no password by the file's authentication code; without one, it tries one.
        var isOpen = PKCS12_parse(file, "", &key, &leaf, &others) == 1
        if !isOpen && PKCS12_mac_present(file) == 0 { isOpen = PKCS12_parse(file, nil, &key, &leaf, &others) == 1 }
        guard isOpen else { throw Self.problem() }
        let privateKey = key.map(PrivateKey.init(adopting:))
        let certificates =
            (leaf.map { [X509Certificate(adopting: $0)] } ?? []) + (others.map(Self.certificates) ?? [])
        guard let privateKey else { throw .noKey }
        guard !certificates.isEmpty else { throw .noCertificate }
        guard let bundle = CertificateBundle(key: privateKey, certificates: certificates) else {
            throw .keyMatchesNoCertificate
        }
        self = bundle
    }

    /// The certificates of a `STACK_OF(X509)`, which is freed.
    private static func certificates(of stack: OpaquePointer) -> [X509Certificate] {
        defer { OPENSSL_sk_free(stack) }
        return (0..<OPENSSL_sk_num(stack)).compactMap { index in
            OPENSSL_sk_value(stack, index).map { X509Certificate(adopting: OpaquePointer($0)) }
        }
    }

    /// What OpenSSL's queue of errors says of a file that it could not open.
    private static func problem() -> CertificateBundleProblem {
        var problem = CertificateBundleProblem.notPKCS12
        while case let code = ERR_get_error(), code != 0 {
            let library = ERR_GET_LIB(code)
            let reason = ERR_GET_REASON(code)
            if library == ERR_LIB_PKCS12, reason == PKCS12_R_MAC_VERIFY_FAILURE { return .passwordNeeded }
            if reason == ERR_R_UNSUPPORTED || library == ERR_LIB_EVP && Self.unsupported.contains(reason) {
                problem = .unsupportedAlgorithm
            }
            if library == ERR_LIB_PKCS12, reason == PKCS12_R_MAC_GENERATION_ERROR { problem = .unsupportedAlgorithm }
        }
        return problem
    }

    private static let unsupported: Set<Int32> = [
        EVP_R_UNSUPPORTED_ALGORITHM, EVP_R_UNKNOWN_PBE_ALGORITHM, EVP_R_UNKNOWN_CIPHER, EVP_R_UNSUPPORTED_CIPHER,
    ]

    /// PKCS#12 without a password, encrypted as OpenSSL does by default (AES-256, PBKDF2).
    func pkcs12() -> SecretBytes? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let stack = OPENSSL_sk_new_null()
        defer { OPENSSL_sk_free(stack) }
        for issuer in issuers { OPENSSL_sk_push(stack, UnsafeRawPointer(issuer.pointer)) }
        guard let file = PKCS12_create("", nil, key.pointer, leaf.pointer, stack, 0, 0, 0, 0, 0) else { return nil }
        defer { PKCS12_free(file) }
        let buffer = OpenSSLBuffer()
        guard i2d_PKCS12_bio(buffer.pointer, file) == 1 else { return nil }
        return buffer.content
    }
}
