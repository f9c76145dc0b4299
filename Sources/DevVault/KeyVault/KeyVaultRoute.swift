/// An operation of the Key Vault data plane.
enum KeyVaultRoute: Equatable, Sendable {
    case list(ObjectKind)
    case versions(ObjectKind, String)
    case get(ObjectKind, String, version: String?)
    case update(ObjectKind, String, version: String?)
    case delete(ObjectKind, String)
    case backup(ObjectKind, String)
    case restore(ObjectKind)
    case listDeleted(ObjectKind)
    case getDeleted(ObjectKind, String)
    case purge(ObjectKind, String)
    case recover(ObjectKind, String)
    case setSecret(String)
    case createKey(String)
    case importKey(String)
    case rotateKey(String)
    case rotationPolicy(String)
    case setRotationPolicy(String)
    case cryptography(String, version: String?, CryptographicOperation)
    case createCertificate(String)
    case importCertificate(String)
    case operation(String)
    case cancelOperation(String)
    case deleteOperation(String)
    case policy(String)
    case updatePolicy(String)
    case contacts
    case setContacts
    case deleteContacts
    case listIssuers
    case issuer(String)
    case setIssuer(String)
    case updateIssuer(String)
    case deleteIssuer(String)

    /// Nil where the data plane has no such path or method.
    init?(method: String, path: [String]) {
        guard let collection = path.first?.lowercased() else { return nil }
        let rest = Array(path.dropFirst())
        if collection.hasPrefix("deleted") {
            guard let kind = ObjectKind(rawValue: String(collection.dropFirst(7))) else { return nil }
            self.init(deleted: kind, method, rest)
            return
        }
        guard let kind = ObjectKind(rawValue: collection) else { return nil }
        if let route = Self.special(kind, method, rest) ?? Self.common(kind, method, rest) {
            self = route
        } else {
            return nil
        }
    }

    private init?(deleted kind: ObjectKind, _ method: String, _ rest: [String]) {
        switch (method, rest.count) {
        case ("GET", 0): self = .listDeleted(kind)
        case ("GET", 1): self = .getDeleted(kind, rest[0])
        case ("DELETE", 1): self = .purge(kind, rest[0])
        case ("POST", 2) where rest[1].lowercased() == "recover": self = .recover(kind, rest[0])
        default: return nil
        }
    }

    private static func common(_ kind: ObjectKind, _ method: String, _ rest: [String]) -> KeyVaultRoute? {
        let last = rest.last?.lowercased()
        switch (method, rest.count) {
        case ("GET", 0): return .list(kind)
        case ("POST", 1) where last == "restore": return .restore(kind)
        case ("GET", 2) where last == "versions": return .versions(kind, rest[0])
        case ("GET", 1): return .get(kind, rest[0], version: nil)
        case ("GET", 2): return .get(kind, rest[0], version: rest[1])
        case ("PATCH", 1): return .update(kind, rest[0], version: nil)
        case ("PATCH", 2): return .update(kind, rest[0], version: rest[1])
        case ("DELETE", 1): return .delete(kind, rest[0])
        case ("POST", 2) where last == "backup": return .backup(kind, rest[0])
        default: return nil
        }
    }

    private static func special(_ kind: ObjectKind, _ method: String, _ rest: [String]) -> KeyVaultRoute? {
        switch kind {
        case .secrets: return method == "PUT" && rest.count == 1 ? .setSecret(rest[0]) : nil
        case .keys: return key(method, rest)
        case .certificates: return certificate(method, rest)
        }
    }

    private static func key(_ method: String, _ rest: [String]) -> KeyVaultRoute? {
        switch (method, rest.count, rest.last?.lowercased()) {
        case ("POST", 2, "create"): return .createKey(rest[0])
        case ("PUT", 1, _): return .importKey(rest[0])
        case ("POST", 2, "rotate"): return .rotateKey(rest[0])
        case ("GET", 2, "rotationpolicy"): return .rotationPolicy(rest[0])
        case ("PUT", 2, "rotationpolicy"): return .setRotationPolicy(rest[0])
        case ("POST", 2, let name?), ("POST", 3, let name?):
            guard let operation = CryptographicOperation(lowercased: name) else { return nil }
            return .cryptography(rest[0], version: rest.count == 3 ? rest[1] : nil, operation)
        default: return nil
        }
    }

    private static func certificate(_ method: String, _ rest: [String]) -> KeyVaultRoute? {
        switch (method, rest.count, rest.first?.lowercased(), rest.last?.lowercased()) {
        case ("GET", 1, "contacts", _): return .contacts
        case ("PUT", 1, "contacts", _): return .setContacts
        case ("DELETE", 1, "contacts", _): return .deleteContacts
        case ("GET", 1, "issuers", _): return .listIssuers
        case ("GET", 2, "issuers", _): return .issuer(rest[1])
        case ("PUT", 2, "issuers", _): return .setIssuer(rest[1])
        case ("PATCH", 2, "issuers", _): return .updateIssuer(rest[1])
        case ("DELETE", 2, "issuers", _): return .deleteIssuer(rest[1])
        case ("POST", 2, _, "create"): return .createCertificate(rest[0])
        case ("POST", 2, _, "import"): return .importCertificate(rest[0])
        case ("GET", 2, _, "pending"): return .operation(rest[0])
        case ("PATCH", 2, _, "pending"): return .cancelOperation(rest[0])
        case ("DELETE", 2, _, "pending"): return .deleteOperation(rest[0])
        case ("GET", 2, _, "policy"): return .policy(rest[0])
        case ("PATCH", 2, _, "policy"): return .updatePolicy(rest[0])
        default: return nil
        }
    }
}

/// What can be done with a key.
enum CryptographicOperation: String, CaseIterable, Sendable {
    case encrypt
    case decrypt
    case sign
    case verify
    case wrapKey
    case unwrapKey

    init?(lowercased name: String) {
        guard let operation = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) else { return nil }
        self = operation
    }
}
