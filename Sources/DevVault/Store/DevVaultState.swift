import JSON

/// Everything that a dev vault remembers.
struct DevVaultState: Sendable {
    /// By lower-cased name.
    var vaults: [String: Vault] = [:]
    /// The key pair that signs access tokens, PKCS#8. Of P-256: made in no time, so that a test can have its own vault.
    var signingKey: [UInt8]
    /// Authenticates backups, so that only what this state gave out can be restored.
    var backupKey: [UInt8]

    /// An empty state with keys of its own.
    init() throws(CryptoError) {
        signingKey = try AsymmetricKey.generate(.ec(.p256)).privateDER()
        backupKey = SecureRandom.bytes(32)
    }

    var json: JSONValue {
        var vaults = JSONObject()
        for (name, vault) in self.vaults.sorted(by: { $0.key < $1.key }) {
            var content = JSONObject()
            for kind in ObjectKind.allCases {
                let objects = (vault.objects[kind] ?? [:]).sorted { $0.key < $1.key }.map(\.value.json)
                content.append(kind.rawValue, .array(objects))
            }
            content.append("issuers", .object(vault.issuers))
            if let contacts = vault.contacts { content.append("contacts", contacts) }
            vaults.append(name, .object(content))
        }
        return [
            "note": "Latchkey dev vault: secrets and private keys in the clear, for development only.",
            "version": 1, "signingKey": .string(Base64.encode(signingKey)),
            "backupKey": .string(Base64.encode(backupKey)), "vaults": .object(vaults),
        ]
    }

    /// Nil where a member is missing or of another kind.
    init?(json: JSONValue) {
        guard json["version"]?.int == 1, let vaults = json["vaults"]?.object,
            let signingKey = json["signingKey"]?.string.flatMap({ Base64.decode($0.utf8) }),
            let backupKey = json["backupKey"]?.string.flatMap({ Base64.decode($0.utf8) })
        else { return nil }
        self.signingKey = signingKey
        self.backupKey = backupKey
        for member in vaults.members {
            var vault = Vault()
            for kind in ObjectKind.allCases {
                for entry in member.value[kind.rawValue]?.array ?? [] {
                    guard let object = StoredObject(json: entry, kind: kind) else { return nil }
                    vault[kind, object.name] = object
                }
            }
            vault.issuers = member.value["issuers"]?.object ?? JSONObject()
            vault.contacts = member.value["contacts"]
            self.vaults[member.name] = vault
        }
    }
}
