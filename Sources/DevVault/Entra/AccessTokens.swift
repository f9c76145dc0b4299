import JSON

/// Makes the access tokens of the token endpoint and takes them on the data plane.
struct AccessTokens: Sendable {
    let key: AsymmetricKey
    let keyID: String
    private let algorithm: SignatureAlgorithm
    /// Seconds.
    let lifetime: Int
    /// The resources that tokens are made for and taken for.
    let resources: Set<String>

    init(key: AsymmetricKey, lifetime: Int, resources: Set<String>) {
        self.key = key
        self.lifetime = lifetime
        self.resources = resources
        algorithm = key.kind == .ec(.p256) ? .es256 : .rs256
        let members = (try? key.publicJWK()) ?? []
        let text = members.compactMap(\.value.string).joined(separator: ".")
        keyID = Base64.encodeURL(DigestAlgorithm.sha1.digest(Array(text.utf8)))
    }

    /// The public key as `jwks_uri` shows it.
    var keySet: JSONValue {
        var members = [
            JSONObject.Member(name: "use", value: "sig"), JSONObject.Member(name: "kid", value: .string(keyID)),
            JSONObject.Member(name: "alg", value: .string(algorithm.rawValue)),
        ]
        members += ((try? key.publicJWK()) ?? []).map { JSONObject.Member(name: $0.name, value: $0.value) }
        return ["keys": [.object(JSONObject(members))]]
    }

    func make(for caller: Caller, resource: String, now: Int) throws(CryptoError) -> String {
        let time = JSONValue.number(JSONNumber(now))
        return try JSONWebToken.sign(
            [
                "aud": .string(resource), "iss": .string("https://sts.windows.net/\(caller.tenantID)/"), "iat": time,
                "nbf": time, "exp": .number(JSONNumber(now.addingReportingOverflow(lifetime).partialValue)),
                "appid": .string(caller.clientID), "appidacr": "2", "oid": .string(caller.clientID),
                "sub": .string(caller.clientID), "tid": .string(caller.tenantID), "ver": "1.0",
                "uti": .string(SecureRandom.hex(SecureRandom.bytes(12))),
            ], with: key, keyID: keyID, algorithm: algorithm)
    }

    /// Who sends a request. Messages as the service has them.
    func caller(of request: DevVaultRequest) throws(KeyVaultFault) -> Caller {
        guard let header = request.header("authorization"), header.lowercased().hasPrefix("bearer ") else {
            throw .unauthorized("Request is missing a Bearer or PoP token.")
        }
        let text = String(header.dropFirst(7).filter { $0 != " " })
        guard let token = JSONWebToken(text), token.algorithm == algorithm,
            token.keyID == keyID,
            key.verifies(
                signature: token.signature, digest: algorithm.digest.digest(token.signedBytes), algorithm)
        else { throw .unauthorized("[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.") }
        let audience = token.audiences.first ?? ""
        guard resources.contains(audience) else {
            let expected = resources.sorted().joined(separator: " or ")
            throw .unauthorized("AKV10022: Invalid audience. Expected \(expected), found: \(audience).")
        }
        guard let expiry = token.time("exp"), expiry > Timestamp.now() else {
            throw .unauthorized("[TokenExpired] Error validating token: 'S2S12086'.")
        }
        guard let client = token.claims["appid"]?.string, let tenant = token.claims["tid"]?.string else {
            throw .unauthorized("[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.")
        }
        return Caller(clientID: client, tenantID: tenant)
    }
}

extension KeyVaultFault {
    fileprivate static func unauthorized(_ message: String) -> KeyVaultFault {
        KeyVaultFault(401, "Unauthorized", message)
    }
}
