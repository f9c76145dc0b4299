import JSON

extension DevVaultStore {
    /// Values may be this many bytes long.
    public static let maximumSecretSize = 25 * 1024

    /// Adds a version to a secret, and the secret where it is the first. Answers the version's id.
    ///
    /// `expires` and `notBefore` are unix seconds.
    @discardableResult
    public func setSecret(
        _ name: String, value: String, vault: String, contentType: String? = nil, isEnabled: Bool = true,
        expires: Int? = nil, notBefore: Int? = nil, tags: [(String, String)] = []
    ) throws(KeyVaultFault) -> String {
        var attributes = ObjectAttributes(now: Timestamp.now())
        attributes.isEnabled = isEnabled
        attributes.expires = expires
        attributes.notBefore = notBefore
        let members = tags.map { JSONObject.Member(name: $0.0, value: .string($0.1)) }
        return try addSecret(
            name, value: value, contentType: contentType, attributes: attributes,
            tags: members.isEmpty ? nil : JSONObject(members), vault: vault
        ).id
    }

    func addSecret(
        _ name: String, value: String, contentType: String?, attributes: ObjectAttributes, tags: JSONObject?,
        vault: String
    ) throws(KeyVaultFault) -> StoredVersion {
        try ObjectName.check(name)
        guard value.utf8.count <= Self.maximumSecretSize else {
            throw .badParameter("The secret value is longer than the maximum of \(Self.maximumSecretSize) bytes.")
        }
        guard contentType?.utf8.count ?? 0 <= 255 else {
            throw .badParameter("Property contentType has invalid value: at most 255 characters are allowed.")
        }
        let version = StoredVersion(
            id: SecureRandom.version(), attributes: attributes, tags: tags,
            content: .secret(value: value, contentType: contentType))
        try update(vault) { (vault) throws(KeyVaultFault) in try vault.add(version, .secrets, name) }
        return version
    }

    /// Switches a version (nil: the newest) on or off.
    public func setSecretEnabled(
        _ isEnabled: Bool, name: String, version: String? = nil, vault: String
    ) throws(KeyVaultFault) {
        try change(.secrets, name, version, vault: vault) { $0.attributes.isEnabled = isEnabled }
    }

    /// Changes a version and notes the time.
    func change(
        _ kind: ObjectKind, _ name: String, _ id: String?, vault: String,
        _ body: (inout StoredVersion) throws(KeyVaultFault) -> Void
    ) throws(KeyVaultFault) {
        try update(vault) { (vault) throws(KeyVaultFault) in
            let (object, index, version) = try vault.located(kind, name, id)
            var changed = version
            try body(&changed)
            changed.attributes.updated = Timestamp.now()
            var next = object
            next.versions[index] = changed
            vault[kind, name] = next
        }
    }

    /// Soft-deletes a secret.
    public func deleteSecret(_ name: String, vault: String) throws(KeyVaultFault) {
        try update(vault) { (vault) throws(KeyVaultFault) in
            try vault.delete(.secrets, name, now: Timestamp.now(), polls: 0)
        }
    }

    /// Brings a soft-deleted secret back.
    public func recoverSecret(_ name: String, vault: String) throws(KeyVaultFault) {
        try update(vault) { (vault) throws(KeyVaultFault) in
            _ = try vault.recover(.secrets, name, polls: 0)
        }
    }

    /// Takes a soft-deleted secret away for good.
    public func purgeSecret(_ name: String, vault: String) throws(KeyVaultFault) {
        try update(vault) { (vault) throws(KeyVaultFault) in try vault.purge(.secrets, name) }
    }

    /// The names of the secrets in use, sorted.
    public func secretNames(vault: String) throws(KeyVaultFault) -> [String] {
        try read(vault) { $0.list(.secrets).map(\.name) }
    }
}

/// The grammar of names in a vault.
enum ObjectName {
    /// `^[0-9a-zA-Z-]{1,127}$`
    static func check(_ name: String) throws(KeyVaultFault) {
        let isGood = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        guard isGood, (1...127).contains(name.utf8.count) else {
            throw .badParameter("The request URI contains an invalid name: \(name)")
        }
    }
}
