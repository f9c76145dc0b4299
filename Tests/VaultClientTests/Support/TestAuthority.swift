import COpenSSL

/// A certificate authority for tests: makes keys and certificates in memory.
final class TestAuthority: @unchecked Sendable {
    /// A key and its certificate, as OpenSSL's pointers and as PEM.
    final class Identity: @unchecked Sendable {
        let key: OpaquePointer
        let certificate: OpaquePointer

        init(key: OpaquePointer, certificate: OpaquePointer) {
            self.key = key
            self.certificate = certificate
        }

        deinit {
            EVP_PKEY_free(key)
            X509_free(certificate)
        }

        var certificatePEM: String { pem { PEM_write_bio_X509($0, certificate) } }
        var keyPEM: String { pem { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) } }
        var traditionalKeyPEM: String { pem { PEM_write_bio_PrivateKey_traditional($0, key, nil, nil, 0, nil, nil) } }
        var encryptedKeyPEM: String {
            pem { PEM_write_bio_PKCS8PrivateKey($0, key, EVP_aes_256_cbc(), "pass", 4, nil, nil) }
        }

        private func pem(_ write: (OpaquePointer?) -> Int32) -> String {
            let bio = BIO_new(BIO_s_mem())
            defer { BIO_free(bio) }
            _ = write(bio)
            return String(decoding: TestAuthority.content(bio), as: UTF8.self)
        }
    }

    let root: Identity
    private let issuer: Identity

    /// A root, or with `parent` a CA below it.
    init(name: String = "Test Root", parent: TestAuthority? = nil) {
        root = Self.make(name: name, issuer: parent?.root, isCA: true, alternativeNames: nil, validity: (-3600, 86_400))
        issuer = root
    }

    /// PEM of the authority's own certificate.
    var pem: String { root.certificatePEM }

    /// A server's certificate.
    func issue(
        name: String = "server", alternativeNames: String = "DNS:localhost,DNS:*.vault.localhost,IP:127.0.0.1",
        validity: (Int, Int) = (-3600, 86_400), issuerNameType: Int32? = nil
    ) -> Identity {
        Self.make(
            name: name, issuer: issuer, isCA: false, alternativeNames: alternativeNames, validity: validity,
            issuerNameType: issuerNameType)
    }

    static func content(_ bio: OpaquePointer?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        let count = BIO_read(bio, &bytes, Int32(bytes.count))
        return Array(bytes.prefix(Int(max(0, count))))
    }

    static func makeKey() -> OpaquePointer {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        EVP_PKEY_keygen_init(context)
        EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1)
        EVP_PKEY_keygen(context, &key)
        guard let key else { preconditionFailure("no key") }
        return key
    }

    private static func make(
        name: String, issuer: Identity?, isCA: Bool, alternativeNames: String?, validity: (Int, Int),
        issuerNameType: Int32? = nil
    ) -> Identity {
        let key = makeKey()
        guard let certificate = X509_new() else { preconditionFailure("no certificate") }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1..<1 << 60))
        X509_gmtime_adj(X509_getm_notBefore(certificate), validity.0)
        X509_gmtime_adj(X509_getm_notAfter(certificate), validity.1)
        X509_set_pubkey(certificate, key)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, name, -1, -1, 0)
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer?.certificate ?? certificate))
        if let issuerNameType, let issuer {
            // The same name in another type of string.
            var common = [CChar](repeating: 0, count: 64)
            let length = X509_NAME_get_text_by_NID(
                X509_get_subject_name(issuer.certificate), NID_commonName, &common, 64)
            let name = X509_NAME_new()
            let text = common.prefix(Int(max(0, length))).map(UInt8.init(bitPattern:))
            X509_NAME_add_entry_by_txt(name, "CN", issuerNameType, text, length, -1, 0)
            X509_set_issuer_name(certificate, name)
            X509_NAME_free(name)
        }
        add(certificate, NID_basic_constraints, isCA ? "critical,CA:TRUE" : "CA:FALSE")
        add(certificate, NID_subject_key_identifier, "hash")
        add(certificate, NID_authority_key_identifier, "keyid", issuer: issuer?.certificate)
        if let alternativeNames { add(certificate, NID_subject_alt_name, alternativeNames) }
        X509_sign(certificate, issuer?.key ?? key, EVP_sha256())
        return Identity(key: key, certificate: certificate)
    }

    private static func add(
        _ certificate: OpaquePointer, _ nid: Int32, _ value: String, issuer: OpaquePointer? = nil
    ) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
        guard let ext = X509V3_EXT_conf_nid(nil, &context, nid, value) else { preconditionFailure("no extension") }
        X509_add_ext(certificate, ext, -1)
        X509_EXTENSION_free(ext)
    }
}
