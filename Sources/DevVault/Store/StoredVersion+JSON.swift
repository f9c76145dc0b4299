import JSON

extension StoredVersion {
    /// The version as the state file holds it.
    var json: JSONValue {
        var object = JSONObject()
        object.append("id", .string(id))
        object.append("enabled", .bool(attributes.isEnabled))
        if let time = attributes.notBefore { object.append("nbf", .number(JSONNumber(time))) }
        if let time = attributes.expires { object.append("exp", .number(JSONNumber(time))) }
        object.append("created", .number(JSONNumber(attributes.created)))
        object.append("updated", .number(JSONNumber(attributes.updated)))
        if let tags { object.append("tags", .object(tags)) }
        if isManaged { object.append("managed", true) }
        switch content {
        case .secret(let value, let type):
            object.append("value", .string(value))
            if let type { object.append("contentType", .string(type)) }
        case .key(let key):
            object.append("privateKey", .string(Base64.encode(key.privateDER)))
            object.append("operations", .array(key.operations.map { .string($0) }))
        case .certificate(let chain):
            object.append("chain", .array(chain.map { .string(Base64.encode($0)) }))
        }
        return .object(object)
    }

    /// Nil where a member is missing or of another kind.
    init?(json: JSONValue, kind: ObjectKind) {
        guard let id = json["id"]?.string, let created = json["created"]?.int, let updated = json["updated"]?.int,
            let content = Content(json: json, kind: kind)
        else { return nil }
        self.id = id
        attributes = ObjectAttributes(
            isEnabled: json["enabled"]?.bool ?? true, notBefore: json["nbf"]?.int, expires: json["exp"]?.int,
            created: created, updated: updated)
        tags = json["tags"]?.object
        isManaged = json["managed"]?.bool ?? false
        self.content = content
    }
}

extension StoredVersion.Content {
    fileprivate init?(json: JSONValue, kind: ObjectKind) {
        switch kind {
        case .secrets:
            guard let value = json["value"]?.string else { return nil }
            self = .secret(value: value, contentType: json["contentType"]?.string)
        case .keys:
            guard let bytes = json["privateKey"]?.string.flatMap({ Base64.decode($0.utf8) }),
                let operations = json["operations"]?.array?.compactMap(\.string)
            else { return nil }
            self = .key(StoredKey(privateDER: bytes, operations: operations))
        case .certificates:
            guard let texts = json["chain"]?.array?.compactMap(\.string) else { return nil }
            let chain = texts.compactMap { Base64.decode($0.utf8) }
            guard chain.count == texts.count, !chain.isEmpty else { return nil }
            self = .certificate(chain: chain)
        }
    }
}
