/// The right that an operation needs.
struct Permission: Equatable, Sendable {
    let kind: ObjectKind
    /// The word of access policies, e.g. `get`.
    let verb: String
    /// The data action of role assignments, e.g. `getSecret/action`.
    let action: String
    /// The object, where the operation has one.
    let name: String?
}

extension KeyVaultRoute {
    var permission: Permission {
        switch self {
        case .list(let kind): Self.permission(kind, "list", nil)
        case .versions(let kind, let name): Self.permission(kind, "list", name)
        case .get(let kind, let name, _): Self.permission(kind, "get", name)
        case .update(let kind, let name, _): Self.permission(kind, kind == .secrets ? "set" : "update", name)
        case .delete(let kind, let name): Self.permission(kind, "delete", name)
        case .backup(let kind, let name): Self.permission(kind, "backup", name)
        case .restore(let kind): Self.permission(kind, "restore", nil)
        case .listDeleted(let kind): Self.permission(kind, "list", nil)
        case .getDeleted(let kind, let name): Self.permission(kind, "get", name)
        case .purge(let kind, let name): Self.permission(kind, "purge", name)
        case .recover(let kind, let name): Self.permission(kind, "recover", name)
        case .setSecret(let name): Self.permission(.secrets, "set", name)
        case .createKey(let name): Self.permission(.keys, "create", name)
        case .importKey(let name): Self.permission(.keys, "import", name)
        case .rotateKey(let name): Self.permission(.keys, "rotate", name)
        case .rotationPolicy(let name): Self.permission(.keys, "getrotationpolicy", name)
        case .setRotationPolicy(let name): Self.permission(.keys, "setrotationpolicy", name)
        case .cryptography(let name, _, let operation): Self.permission(.keys, operation.rawValue, name)
        case .createCertificate(let name): Self.permission(.certificates, "create", name)
        case .importCertificate(let name): Self.permission(.certificates, "import", name)
        case .operation(let name), .policy(let name): Self.permission(.certificates, "get", name)
        case .cancelOperation(let name), .updatePolicy(let name): Self.permission(.certificates, "update", name)
        case .deleteOperation(let name): Self.permission(.certificates, "delete", name)
        case .contacts, .setContacts, .deleteContacts: Self.permission(.certificates, "managecontacts", nil)
        case .listIssuers: Self.permission(.certificates, "listissuers", nil)
        case .issuer: Self.permission(.certificates, "getissuers", nil)
        case .setIssuer, .updateIssuer: Self.permission(.certificates, "setissuers", nil)
        case .deleteIssuer: Self.permission(.certificates, "deleteissuers", nil)
        }
    }

    private static func permission(_ kind: ObjectKind, _ verb: String, _ name: String?) -> Permission {
        let action =
            switch (kind, verb) {
            case (.secrets, "get"): "getSecret/action"
            case (.secrets, "set"): "setSecret/action"
            case (.secrets, "list"): "readMetadata/action"
            case (.secrets, "delete"), (.keys, "delete"), (.certificates, "delete"): "delete"
            case (.keys, "get"), (.keys, "list"), (.certificates, "get"), (.certificates, "list"): "read"
            case (.keys, "wrapKey"): "wrap/action"
            case (.keys, "unwrapKey"): "unwrap/action"
            default: "\(verb)/action"
            }
        return Permission(kind: kind, verb: verb, action: action, name: name)
    }
}
