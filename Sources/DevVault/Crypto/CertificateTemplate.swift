import COpenSSL

/// What a certificate shall say. Everything that reaches OpenSSL's configuration language was checked against a grammar.
struct CertificateTemplate: Sendable {
    /// Relative distinguished names, separated by commas: `CN=shop, O=Example`.
    var subject: String
    var dnsNames: [String] = []
    var addresses: [String] = []
    var emails: [String] = []
    var keyUsages: [KeyUsage] = []
    /// Object identifiers in dotted form.
    var extendedKeyUsages: [String] = []
    var isAuthority = false
    /// Unix seconds.
    var notBefore: Int
    /// Unix seconds.
    var notAfter: Int

    /// Makes the certificate for `key`, signed by `issuer` or by itself.
    func certificate(
        for key: AsymmetricKey, issuer: (certificate: Certificate, key: AsymmetricKey)? = nil
    ) throws(CryptoError) -> Certificate {
        guard let certificate = X509_new() else { throw .failed }
        let result = try Certificate.building(certificate) { () throws(CryptoError) in
            var serial = SecureRandom.bytes(16)
            serial[0] &= 0x7F
            let number = BN_bin2bn(serial, Int32(serial.count), nil)
            defer { BN_free(number) }
            guard X509_set_version(certificate, 2) == 1,
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
                ASN1_TIME_set(X509_getm_notBefore(certificate), notBefore) != nil,
                ASN1_TIME_set(X509_getm_notAfter(certificate), notAfter) != nil,
                X509_set_pubkey(certificate, key.pointer) == 1
            else { throw .failed }
            let name = try DistinguishedName(subject)
            guard X509_set_subject_name(certificate, name.pointer) == 1 else { throw .failed }
            let issuerName = issuer.map { X509_get_subject_name($0.certificate.pointer) } ?? name.pointer
            guard X509_set_issuer_name(certificate, issuerName) == 1 else { throw .failed }
            try addExtensions(to: certificate, issuer: issuer?.certificate.pointer ?? certificate)
            let signer = issuer?.key ?? key
            guard X509_sign(certificate, signer.pointer, EVP_sha256()) > 0 else { throw .failed }
        }
        return result
    }

    private func addExtensions(to certificate: OpaquePointer, issuer: OpaquePointer) throws(CryptoError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        let names =
            dnsNames.filter(Self.isPlain).map { "DNS:" + $0 } + addresses.filter(Self.isPlain).map { "IP:" + $0 }
            + emails.filter(Self.isPlain).map { "email:" + $0 }
        let purposes = extendedKeyUsages.filter { $0.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) } }
        guard names.count == dnsNames.count + addresses.count + emails.count,
            purposes.count == extendedKeyUsages.count
        else { throw .malformed }
        var extensions: [(Int32, String)] = [
            (NID_basic_constraints, isAuthority ? "critical,CA:TRUE" : "CA:FALSE"),
            (NID_subject_key_identifier, "hash"),
        ]
        if !keyUsages.isEmpty {
            extensions.append((NID_key_usage, "critical," + keyUsages.map(\.rawValue).joined(separator: ",")))
        }
        if !purposes.isEmpty { extensions.append((NID_ext_key_usage, purposes.joined(separator: ","))) }
        if !names.isEmpty { extensions.append((NID_subject_alt_name, names.joined(separator: ","))) }
        extensions.append((NID_authority_key_identifier, "keyid:always"))
        for (identifier, value) in extensions {
            guard let part = X509V3_EXT_conf_nid(nil, &context, identifier, value) else { throw .malformed }
            defer { X509_EXTENSION_free(part) }
            guard X509_add_ext(certificate, part, -1) == 1 else { throw .failed }
        }
    }

    /// Letters, digits and what stands in host names, addresses and mail addresses; nothing that OpenSSL's
    /// configuration language gives a meaning to.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._*:+".utf8.contains(byte) || (byte == UInt8(ascii: "@") && text.utf8.first != byte)
            }
    }
}

extension Certificate {
    /// Frees the unfinished certificate where `fill` throws.
    fileprivate static func building(
        _ pointer: OpaquePointer, _ fill: () throws(CryptoError) -> Void
    ) throws(CryptoError) -> Certificate {
        do throws(CryptoError) {
            try fill()
        } catch {
            X509_free(pointer)
            throw error
        }
        return try Certificate(owning: pointer)
    }
}
