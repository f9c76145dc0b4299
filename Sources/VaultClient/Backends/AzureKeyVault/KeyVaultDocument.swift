internal import JSON
internal import SecretSpec

/// What Key Vault answers to a read of a secret, a key or a certificate: one version of it.
struct KeyVaultDocument: VaultDocument {
    /// What the object holds.
    enum Body: Sendable {
        /// A secret's value and the media type that its owner gave it.
        case secret(value: SecretBytes, contentType: String)
        /// A public key as PEM.
        case key(SecretBytes)
        /// A leaf certificate as PEM.
        case certificate(SecretBytes)
    }

    /// Times beyond the local clock by less than this count as its error, in seconds.
    private static let clockSkew = 300

    let version: String?
    let warning: String?
    let body: Body

    /// Reads an answer with status 200.
    /// - Parameter wallSeconds: now, in seconds since 1970.
    init(_ bytes: SecretBytes, _ context: KeyVaultContext, wallSeconds: Int) throws(VaultError) {
        guard let json = bytes.json else { throw Self.malformed(context, "is no JSON text") }
        if json["attributes"]?["enabled"]?.bool == false {
            throw VaultError(.disabled, "\(context.noun) is disabled; enable it, or refer to an enabled version")
        }
        warning = Self.warning(json["attributes"], context, wallSeconds)
        switch context.collection {
        case .secrets:
            guard let value = json["value"]?.string else { throw Self.malformed(context, "has no value") }
            version = Self.version(json["id"])
            body = .secret(value: SecretBytes(text: value), contentType: json["contentType"]?.string ?? "")
        case .keys:
            guard let key = json["key"] else { throw Self.malformed(context, "has no key") }
            version = Self.version(key["kid"])
            body = .key(try Self.publicKey(key, context))
        case .certificates:
            guard let der = json["cer"]?.string.flatMap({ Base64.decode($0) }),
                let certificate = der.withUnsafeBytes({ X509Certificate(der: $0) })
            else { throw Self.malformed(context, "has no certificate") }
            version = Self.version(json["id"])
            let buffer = OpenSSLBuffer()
            certificate.write(to: buffer)
            body = .certificate(buffer.content)
        }
    }

    private static func publicKey(_ key: JSONValue, _ context: KeyVaultContext) throws(VaultError) -> SecretBytes {
        do {
            return try JWKPublicKey(key).pem()
        } catch .symmetric {
            throw VaultError(
                .content, "\(context.noun) is symmetric and never leaves the vault, so there is no public part to read")
        } catch {
            throw malformed(context, "holds no RSA or EC key of a known curve")
        }
    }

    /// Key Vault serves objects before and after the dates that their owners gave them, on purpose
    /// (https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates). A date that somebody forgot
    /// must not become an outage, so it is told and no more. The sentence is the same at every look, so that it is told once.
    private static func warning(_ attributes: JSONValue?, _ context: KeyVaultContext, _ wallSeconds: Int) -> String? {
        if let expiry = attributes?["exp"]?.int, wallSeconds.subtractingClamped(expiry) > clockSkew {
            return
                "\(context.noun) expired on \(RFC3339.text(expiry)) and is used nonetheless; create a new version, or "
                + "move its expiration date"
        }
        if let start = attributes?["nbf"]?.int, start.subtractingClamped(wallSeconds) > clockSkew {
            return
                "\(context.noun) becomes valid on \(RFC3339.text(start)) and is used nonetheless; correct its "
                + "activation date, or refer to an older version"
        }
        return nil
    }

    /// The last part of `https://{vault}/{collection}/{name}/{version}`.
    private static func version(_ id: JSONValue?) -> String? {
        guard let last = id?.string?.split(separator: "/").last, last.utf8.count == 32,
            last.utf8.allSatisfy({
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20
            })
        else { return nil }
        return String(last)
    }

    private static func malformed(_ context: KeyVaultContext, _ what: String) -> VaultError {
        VaultError(
            .malformedAnswer,
            "the answer for \(context.noun) \(what); check that \(context.vault.origin) is a Key Vault")
    }
}
