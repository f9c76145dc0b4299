import JSON

/// One permitted operation on one vault.
struct KeyVaultCall: Sendable {
    let store: DevVaultStore
    let vault: String
    let request: DevVaultRequest
    let render: BundleRenderer

    func perform(_ route: KeyVaultRoute) throws(KeyVaultFault) -> DevVaultResponse {
        switch route {
        case .list(let kind): try list(kind)
        case .versions(let kind, let name): try versions(kind, name)
        case .get(let kind, let name, let version): try get(kind, name, version)
        case .update(let kind, let name, let version): try update(kind, name, version)
        case .delete(let kind, let name): try delete(kind, name)
        case .backup(let kind, let name): try backup(kind, name)
        case .restore(let kind): try restore(kind)
        case .listDeleted(let kind): try listDeleted(kind)
        case .getDeleted(let kind, let name): try getDeleted(kind, name)
        case .purge(let kind, let name): try purge(kind, name)
        case .recover(let kind, let name): try recover(kind, name)
        case .setSecret(let name): try setSecret(name)
        case .createKey(let name): try createKey(name)
        case .importKey(let name): try importKey(name)
        case .rotateKey(let name): try keyAnswer(name, store.rotateKey(name, vault: vault))
        case .rotationPolicy(let name): try rotationPolicy(name)
        case .setRotationPolicy(let name): try setRotationPolicy(name)
        case .cryptography(let name, let version, let operation): try cryptography(name, version, operation)
        case .createCertificate(let name): try createCertificate(name)
        case .importCertificate(let name): try importCertificate(name)
        case .operation(let name): try operation(name)
        case .cancelOperation(let name): try cancelOperation(name)
        case .deleteOperation(let name): try deleteOperation(name)
        case .policy(let name): try policy(name)
        case .updatePolicy(let name): try updatePolicy(name)
        case .contacts, .setContacts, .deleteContacts: try contacts(route)
        case .listIssuers, .issuer, .setIssuer, .updateIssuer, .deleteIssuer: try issuers(route)
        }
    }

    /// The request's body, which must be a JSON object.
    func body() throws(KeyVaultFault) -> JSONValue {
        guard let value = try? JSONValue(parsing: request.body), value.object != nil else {
            throw .badParameter("Bad JSON content found in the request.")
        }
        return value
    }

    /// `tags` of a request: strings by name, at most 15.
    func tags(_ body: JSONValue) throws(KeyVaultFault) -> JSONObject? {
        guard let value = body["tags"] else { return nil }
        if case .null = value { return nil }
        guard let tags = value.object, tags.members.count <= 15,
            tags.members.allSatisfy({ ($0.value.string?.utf8.count ?? 257) <= 256 && $0.name.utf8.count <= 256 })
        else { throw .badParameter("Property tags has invalid value: at most 15 texts of 256 characters.") }
        return tags
    }

    /// Attributes of something new.
    func attributes(_ body: JSONValue) throws(KeyVaultFault) -> ObjectAttributes {
        var attributes = ObjectAttributes(now: Timestamp.now())
        try attributes.apply(body["attributes"])
        return attributes
    }
}
