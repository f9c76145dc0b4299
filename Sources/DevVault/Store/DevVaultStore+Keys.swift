import JSON

extension DevVaultStore {
    /// What a new key shall be.
    public enum KeyType: Sendable {
        /// 2048, 3072 or 4096 bits.
        case rsa(bits: Int)
        /// `P-256`, `P-384`, `P-521` or `P-256K`.
        case ec(curve: String)
    }

    /// Makes a key pair as a new version. Answers the version's id.
    @discardableResult
    public func createKey(_ name: String, _ type: KeyType, vault: String) throws(KeyVaultFault) -> String {
        let kind: AsymmetricKey.Kind
        switch type {
        case .rsa(let bits): kind = .rsa(bits: bits)
        case .ec(let name):
            guard let curve = EllipticCurve(rawValue: name) else { throw .badParameter("Unknown curve \(name).") }
            kind = .ec(curve)
        }
        let key = try Self.generate(kind)
        return try addKey(
            name, key: key, operations: nil, attributes: ObjectAttributes(now: Timestamp.now()), tags: nil,
            vault: vault
        ).id
    }

    static func generate(_ kind: AsymmetricKey.Kind) throws(KeyVaultFault) -> AsymmetricKey {
        if case .rsa(let bits) = kind, ![2048, 3072, 4096].contains(bits) {
            throw .badParameter("Property key_size has invalid value: 2048, 3072 and 4096 are supported.")
        }
        guard let key = try? AsymmetricKey.generate(kind) else { throw .cryptography }
        return key
    }

    func addKey(
        _ name: String, key: AsymmetricKey, operations: [String]?, attributes: ObjectAttributes, tags: JSONObject?,
        vault: String
    ) throws(KeyVaultFault) -> StoredVersion {
        try ObjectName.check(name)
        guard let der = try? key.privateDER() else { throw .cryptography }
        let stored = StoredKey(privateDER: der, operations: operations ?? Self.defaultOperations(key))
        let version = StoredVersion(
            id: SecureRandom.version(), attributes: attributes, tags: tags, content: .key(stored))
        try update(vault) { (vault) throws(KeyVaultFault) in try vault.add(version, .keys, name) }
        return version
    }

    static func defaultOperations(_ key: AsymmetricKey) -> [String] {
        if case .ec = key.kind { return ["sign", "verify"] }
        return ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
    }

    /// A new version of the same kind with the same uses.
    func rotateKey(_ name: String, vault: String) throws(KeyVaultFault) -> StoredVersion {
        let latest = try read(vault) { (vault) throws(KeyVaultFault) in try vault.located(.keys, name, nil).version }
        guard !latest.isManaged else { throw .managed(.keys) }
        guard case .key(let stored) = latest.content, let kind = try stored.key().kind else { throw .cryptography }
        var attributes = ObjectAttributes(now: Timestamp.now())
        if let expires = latest.attributes.expires {
            let life = expires.subtractingReportingOverflow(latest.attributes.created).partialValue
            attributes.expires = attributes.created.addingReportingOverflow(life).partialValue
        }
        return try addKey(
            name, key: try Self.generate(kind), operations: stored.operations, attributes: attributes,
            tags: latest.tags, vault: vault)
    }
}
