public import JSON

/// Signs ServiceAccount tokens as a kube-apiserver does, with a key of its own: workload identity without a cluster.
public struct DevelopmentIssuer: Sendable {
    /// The `iss` of its tokens.
    public let issuer: String
    /// Its public key, for ``TrustedIssuer/Keys/inline(_:)``.
    public let keySet: JSONValue
    private let key: AsymmetricKey
    private let keyID: String

    /// An issuer whose key is kept in a PEM file, made with mode 0600 when missing.
    public init(issuer: String, keyFile: String) throws(DevVaultError) {
        self.issuer = issuer
        do throws(CryptoError) {
            key = try Self.key(keyFile)
            let members = try key.publicJWK()
            keyID = Base64.encodeURL(
                DigestAlgorithm.sha256.digest(JSONValue.object(Self.object(members)).serialized()))
            keySet = [
                "keys": [
                    .object(Self.object([("use", "sig"), ("alg", "RS256"), ("kid", .string(keyID))] + members))
                ]
            ]
        } catch {
            throw .certificates(path: keyFile, reason: "\(error)")
        }
    }

    /// A token of any subject and audience, good for `lifetime` seconds from now.
    public func token(subject: String, audience: String, lifetime: Int) throws(DevVaultError) -> String {
        let now = Timestamp.now()
        let start = min(now, now.addingReportingOverflow(lifetime).partialValue)
        var claims: JSONObject = JSONObject([
            .init(name: "aud", value: [.string(audience)]),
            .init(name: "exp", value: .number(JSONNumber(now.addingReportingOverflow(lifetime).partialValue))),
            .init(name: "iat", value: .number(JSONNumber(start))),
            .init(name: "iss", value: .string(issuer)), .init(name: "jti", value: .string(SecureRandom.uuid())),
        ])
        let parts = subject.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount" {
            claims.append(
                "kubernetes.io",
                [
                    "namespace": .string(String(parts[2])),
                    "serviceaccount": ["name": .string(String(parts[3])), "uid": .string(SecureRandom.uuid())],
                ])
        }
        claims.append("nbf", .number(JSONNumber(start)))
        claims.append("sub", .string(subject))
        do throws(CryptoError) {
            return try JSONWebToken.sign(.object(claims), with: key, keyID: keyID)
        } catch {
            throw .certificates(path: issuer, reason: "OpenSSL did not sign: \(error)")
        }
    }

    private static func key(_ file: String) throws(CryptoError) -> AsymmetricKey {
        if let bytes = try? PlainFile.read(file, limit: 1 << 16) {
            let blocks = PEM.decode(String(decoding: bytes, as: UTF8.self)) ?? []
            guard let block = blocks.first(where: { $0.label == "PRIVATE KEY" }) else { throw .malformed }
            return try AsymmetricKey(privateDER: block.bytes)
        }
        let key = try AsymmetricKey.generate(.rsa(bits: 2048))
        let pem = PEM.encode("PRIVATE KEY", try key.privateDER())
        do throws(FileFailure) {
            try PlainFile.replace(file, with: Array(pem.utf8), mode: 0o600)
        } catch {
            throw .failed
        }
        return key
    }

    private static func object(_ members: [(name: String, value: JSONValue)]) -> JSONObject {
        JSONObject(members.map { JSONObject.Member(name: $0.name, value: $0.value) })
    }
}
