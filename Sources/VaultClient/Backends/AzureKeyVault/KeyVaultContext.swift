internal import SecretSpec

/// What is being asked, of whom, by whom: what the sentences about a vault's answers are made of.
struct KeyVaultContext: Sendable {
    let object: AzureKeyVaultObject
    let vault: AzureVaults.Vault

    /// The collection that the request reads.
    var collection: Collection {
        switch object.kind {
        case .secret: .secrets
        case .key: .keys
        case .certificate: object.format == nil ? .certificates : .secrets
        }
    }

    /// A collection of Key Vault's REST interface, in the spelling of its URLs.
    enum Collection: String, Sendable {
        case secrets, keys, certificates

        /// One member of it, for messages.
        var noun: String {
            switch self {
            case .secrets: "secret"
            case .keys: "key"
            case .certificates: "certificate"
            }
        }

        /// The least role that may read it
        /// (https://learn.microsoft.com/azure/key-vault/general/rbac-guide#azure-built-in-roles-for-key-vault-data-plane-operations).
        var role: String {
            switch self {
            case .secrets: "Key Vault Secrets User"
            case .keys: "Key Vault Reader"
            case .certificates: "Key Vault Certificate User"
            }
        }
    }

    /// E.g. `secret 'db' of vault shop.vault.azure.net`.
    var noun: String {
        let version = object.version.map { " version \($0)" } ?? ""
        return "\(collection.noun) '\(object.name)'\(version) of vault \(vault.origin)"
    }

    /// E.g. `client id ... in tenant ...`.
    var who: String { "client id \(vault.identity.clientID) in tenant \(vault.identity.tenantID)" }

    /// The version is the stable one that every cloud has.
    var url: String {
        let version = object.version.map { "/\($0)" } ?? ""
        return "\(vault.origin.url)/\(collection.rawValue)/\(object.name)\(version)?api-version=7.4"
    }
}
