import JSON

extension KeyVaultCall {
    func cryptography(
        _ name: String, _ id: String?, _ operation: CryptographicOperation
    ) throws(KeyVaultFault) -> DevVaultResponse {
        let (object, _, version) = try store.read(vault) { (vault) throws(KeyVaultFault) in
            try vault.located(.keys, name, id)
        }
        guard case .key(let stored) = version.content else { throw .notFound(.keys, name) }
        try check(version, stored, operation)
        let body = try body()
        let input = try bytes(body, operation == .verify ? "digest" : "value")
        let key = try stored.key()
        switch operation {
        case .verify:
            let signature = try bytes(body, "value")
            let algorithm = try signatureAlgorithm(body)
            let isTrue = key.verifies(signature: signature, digest: input, algorithm)
            return DevVaultResponse(200, ["value": .bool(isTrue)])
        case .sign:
            let algorithm = try signatureAlgorithm(body)
            return answer(object, version, try result { try key.sign(digest: input, algorithm) })
        case .encrypt, .wrapKey:
            let algorithm = try encryptionAlgorithm(body)
            return answer(object, version, try result { try key.encrypt(input, algorithm) })
        case .decrypt, .unwrapKey:
            let algorithm = try encryptionAlgorithm(body)
            return answer(object, version, try result { try key.decrypt(input, algorithm) })
        }
    }

    private func result(_ body: () throws -> [UInt8]) throws(KeyVaultFault) -> [UInt8] {
        guard let bytes = try? body() else {
            throw .badParameter("The parameter is incorrect: the key, the algorithm and the value do not go together.")
        }
        return bytes
    }

    /// A key out of its time still decrypts, unwraps and verifies; the documentation of the attributes says so.
    private func check(
        _ version: StoredVersion, _ key: StoredKey, _ operation: CryptographicOperation
    ) throws(KeyVaultFault) {
        let verb = operation.rawValue
        guard version.attributes.isEnabled else { throw .disabled(.keys, verb) }
        guard key.operations.contains(verb) else {
            throw KeyVaultFault(
                403, "Forbidden", "Operation \(verb) is not permitted on this key.", inner: "KeyOperationForbidden")
        }
        guard [.encrypt, .wrapKey, .sign].contains(operation) else { return }
        let now = Timestamp.now()
        if let expires = version.attributes.expires, expires <= now {
            throw KeyVaultFault(
                403, "Forbidden", "Operation \(verb) is not allowed on an expired key.", inner: "KeyExpired")
        }
        if let start = version.attributes.notBefore, start > now {
            throw KeyVaultFault(
                403, "Forbidden", "Operation \(verb) is not allowed on a key that is not yet valid.",
                inner: "KeyNotYetValid")
        }
    }

    private func bytes(_ body: JSONValue, _ name: String) throws(KeyVaultFault) -> [UInt8] {
        guard let bytes = body[name]?.string.flatMap({ Base64.decode($0.utf8) }) else {
            throw .badParameter("Property \(name) has invalid value: base64url is needed.")
        }
        return bytes
    }

    private func signatureAlgorithm(_ body: JSONValue) throws(KeyVaultFault) -> SignatureAlgorithm {
        guard let algorithm = body["alg"]?.string.flatMap(SignatureAlgorithm.init(rawValue:)) else {
            throw .badParameter("Property alg has invalid value.")
        }
        return algorithm
    }

    private func encryptionAlgorithm(_ body: JSONValue) throws(KeyVaultFault) -> EncryptionAlgorithm {
        guard let algorithm = body["alg"]?.string.flatMap(EncryptionAlgorithm.init(rawValue:)) else {
            throw .badParameter("Property alg has invalid value.")
        }
        return algorithm
    }

    private func answer(_ object: StoredObject, _ version: StoredVersion, _ value: [UInt8]) -> DevVaultResponse {
        DevVaultResponse(
            200, ["kid": render.id(.keys, object.name, version.id), "value": .string(Base64.encodeURL(value))])
    }
}
