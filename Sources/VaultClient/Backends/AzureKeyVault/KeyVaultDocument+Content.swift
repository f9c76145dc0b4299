internal import SecretSpec

/// What `type`, `format`, `encoding` and `#field` make of an object:
///
/// | reference | content |
/// |---|---|
/// | secret | the value; of a certificate (content type `application/x-pkcs12` or `application/x-pem-file`) PEM: private key (PKCS#8), leaf, issuers up to the root; a PEM value as it is |
/// | secret or certificate, `format=pem` | the same PEM, normalised also where the value is PEM already |
/// | secret or certificate, `format=pfx` | PKCS#12 without a password |
/// | secret, `encoding=base64` or `hex` | the bytes that the value, or the field's value, stands for |
/// | certificate | the leaf as PEM |
/// | key | the public part as PEM (SubjectPublicKeyInfo) |
/// | `#name`, `#/pointer`, `#*` of a secret | parts of a JSON value |
/// | `#key`, `#chain`, `#leaf`, `#*` of a certificate's secret | PEM: the private key; leaf and issuers; the leaf; each of them |
extension KeyVaultDocument {
    func content(for reference: SecretReference) throws(VaultError) -> SecretContent {
        let object: AzureKeyVaultObject
        do { object = try AzureKeyVaultObject(reference) } catch {
            throw VaultError(.notConfigured, "the reference \(error)")
        }
        let noun = "\(object.kind.rawValue) '\(object.name)' of vault \(object.vault)"
        switch body {
        case .key(let pem), .certificate(let pem):
            guard reference.field == nil else {
                throw VaultError(
                    .field,
                    "\(noun) has no fields when it is read as \(object.kind.rawValue); "
                        + "leave the '#...' out, or add format=pem for '#key', '#chain', '#leaf'")
            }
            return .whole(pem)
        case .secret(let value, let contentType):
            let content = SecretValue(value: value, mediaType: Self.mediaType(contentType), noun: noun)
            return try content.select(object, reference.field)
        }
    }

    /// The media type without its parameters, in lower case.
    private static func mediaType(_ contentType: String) -> String {
        String(contentType.prefix { $0 != ";" && $0 != " " }).lowercased()
    }
}

/// A secret's value with what is known of it.
private struct SecretValue {
    let value: SecretBytes
    let mediaType: String
    let noun: String

    private var isCertificate: Bool { isPEM || mediaType == "application/x-pkcs12" }
    private var isPEM: Bool { mediaType == "application/x-pem-file" }

    func select(
        _ object: AzureKeyVaultObject, _ field: SecretReference.Field?
    ) throws(VaultError) -> SecretContent {
        if object.encoding != .utf8 { return try decoded(object.encoding, field) }
        guard isCertificate || object.format != nil else {
            guard let field else { return .whole(value) }
            return try JSONField.select(field, of: value, noun: noun)
        }
        if let field { return try parts(field, object.format) }
        switch object.format {
        case .pfx: return .whole(try pfx())
        case .pem: return .whole(try bundle().pem())
        case nil: return .whole(isPEM ? value : try bundle().pem())
        }
    }

    private func decoded(
        _ encoding: AzureKeyVaultObject.Encoding, _ field: SecretReference.Field?
    ) throws(VaultError) -> SecretContent {
        guard let field else { return .whole(try decode(value, encoding, noun)) }
        switch try JSONField.select(field, of: value, noun: noun) {
        case .whole(let bytes): return .whole(try decode(bytes, encoding, "the field of \(noun)"))
        case .members(let members):
            var result: [(name: String, bytes: SecretBytes)] = []
            for (index, member) in members.enumerated() {
                let bytes = try decode(member.bytes, encoding, "member \(index + 1) of \(noun)")
                result.append((member.name, bytes))
            }
            return .members(result)
        }
    }

    private func decode(
        _ bytes: SecretBytes, _ encoding: AzureKeyVaultObject.Encoding, _ noun: String
    ) throws(VaultError) -> SecretBytes {
        let decoded: SecretBytes? =
            switch encoding {
            case .utf8: bytes
            case .base64: bytes.withUnsafeBytes { Base64.decode($0) }
            case .hex: bytes.withUnsafeBytes { Hexadecimal.decode($0) }
            }
        guard let decoded else {
            throw VaultError(.content, "\(noun) is not \(encoding.rawValue); correct the value or leave 'encoding' out")
        }
        return decoded
    }

    private func parts(
        _ field: SecretReference.Field, _ format: AzureKeyVaultObject.Format?
    ) throws(VaultError) -> SecretContent {
        guard format != .pfx else {
            throw VaultError(.field, "\(noun) has no fields as pfx; use format=pem with '#key', '#chain' or '#leaf'")
        }
        switch field {
        case .name(let name):
            guard let part = CertificateBundle.Part(rawValue: name) else { throw noSuchPart }
            return .whole(try bundle().pem(part))
        case .pointer: throw noSuchPart
        case .all:
            let bundle = try bundle()
            return .members(CertificateBundle.Part.allCases.map { ($0.rawValue, bundle.pem($0)) })
        }
    }

    private var noSuchPart: VaultError {
        let parts = CertificateBundle.Part.allCases.map { "'#\($0.rawValue)'" }.joined(separator: ", ")
        return VaultError(.field, "\(noun) is a certificate with its key, whose fields are \(parts) and '#*'")
    }

    private func bundle() throws(VaultError) -> CertificateBundle {
        do {
            if looksLikePEM { return try CertificateBundle(pem: value) }
            return try CertificateBundle(pkcs12: try binary())
        } catch {
            throw VaultError(.content, "\(noun) \(error.clause)")
        }
    }

    /// PKCS#12 stays as it is; PEM is put into a new one.
    private func pfx() throws(VaultError) -> SecretBytes {
        let bundle = try bundle()
        if !looksLikePEM, let original = value.withUnsafeBytes({ Base64.decode($0) }) { return original }
        guard let bytes = bundle.pkcs12() else {
            throw VaultError(.content, "\(noun) could not be written as PKCS#12")
        }
        return bytes
    }

    private func binary() throws(CertificateBundleProblem) -> SecretBytes {
        guard let bytes = value.withUnsafeBytes({ Base64.decode($0) }), bytes.count > 0 else { throw .notBase64 }
        return bytes
    }

    /// By content and not by media type: owners who store a file by hand often give none.
    private var looksLikePEM: Bool {
        value.withUnsafeBytes { bytes in
            let dashes = Array("-----BEGIN ".utf8)
            return bytes.indices.contains { index in
                bytes[index] == dashes[0] && bytes[index...].starts(with: dashes)
            }
        }
    }
}
