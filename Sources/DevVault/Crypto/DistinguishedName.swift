import COpenSSL

/// An X.500 name read from text: `CN=shop, O="Example, Inc."`.
final class DistinguishedName {
    let pointer: OpaquePointer

    init(_ text: String) throws(CryptoError) {
        guard text.utf8.count <= 1024, let name = X509_NAME_new() else { throw .malformed }
        pointer = name
        let parts = Self.split(text)
        guard !parts.isEmpty else { throw .malformed }
        for part in parts {
            guard let mark = part.firstIndex(of: "=") else { throw .malformed }
            let field = String(part[..<mark].filter { $0 != " " })
            var value = part[part.index(after: mark)...].drop { $0 == " " }
            while value.last == " " { value.removeLast() }
            let bytes = Array(value.utf8)
            guard !field.isEmpty, !bytes.isEmpty,
                X509_NAME_add_entry_by_txt(name, field, 0x1000, bytes, Int32(clamping: bytes.count), -1, 0) == 1
            else { throw .malformed }
        }
    }

    deinit { X509_NAME_free(pointer) }

    /// Splits at commas that no quotation marks and no backslash protect.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var current = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                current.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                parts.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        parts.append(current)
        return parts.filter { !$0.allSatisfy { $0 == " " } }
    }
}

/// A PKCS#10 request, which Key Vault shows in a pending certificate operation.
enum CertificateRequest {
    static func make(subject: String, key: AsymmetricKey) throws(CryptoError) -> [UInt8] {
        guard let request = X509_REQ_new() else { throw .failed }
        defer { X509_REQ_free(request) }
        let name = try DistinguishedName(subject)
        guard X509_REQ_set_version(request, 0) == 1, X509_REQ_set_subject_name(request, name.pointer) == 1,
            X509_REQ_set_pubkey(request, key.pointer) == 1, X509_REQ_sign(request, key.pointer, EVP_sha256()) > 0
        else { throw .failed }
        return try OpenSSLBuffer.bytes { i2d_X509_REQ(request, $0) }
    }
}
