import JSON

extension StoredObject {
    /// The object as the state file and a backup hold it.
    var json: JSONValue {
        var object = JSONObject()
        object.append("name", .string(name))
        object.append("versions", .array(versions.map(\.json)))
        switch phase {
        case .active: break
        case .deleting(let polls): object.append("deleting", .number(JSONNumber(polls)))
        case .recovering(let polls): object.append("recovering", .number(JSONNumber(polls)))
        case .deleted: object.append("isDeleted", true)
        }
        if let deletion {
            object.append("deletedDate", .number(JSONNumber(deletion.date)))
            object.append("scheduledPurgeDate", .number(JSONNumber(deletion.scheduledPurge)))
        }
        if let policy { object.append("policy", .object(policy)) }
        if let operation { object.append("operation", operation.json) }
        if let rotationPolicy { object.append("rotationPolicy", .object(rotationPolicy)) }
        return .object(object)
    }

    /// Nil where a member is missing or of another kind.
    init?(json: JSONValue, kind: ObjectKind) {
        guard let name = json["name"]?.string, let list = json["versions"]?.array else { return nil }
        let versions = list.compactMap { StoredVersion(json: $0, kind: kind) }
        guard versions.count == list.count, !versions.isEmpty || json["operation"] != nil else { return nil }
        self.init(name: name, versions: versions)
        if let polls = json["deleting"]?.int {
            phase = .deleting(polls: polls)
        } else if let polls = json["recovering"]?.int {
            phase = .recovering(polls: polls)
        } else if json["isDeleted"]?.bool == true {
            phase = .deleted
        }
        if let date = json["deletedDate"]?.int, let purge = json["scheduledPurgeDate"]?.int {
            deletion = Deletion(date: date, scheduledPurge: purge)
        }
        policy = json["policy"]?.object
        rotationPolicy = json["rotationPolicy"]?.object
        if let operation = json["operation"] {
            guard let operation = CertificateOperation(json: operation) else { return nil }
            self.operation = operation
        }
    }
}

extension CertificateOperation {
    var json: JSONValue {
        var object = JSONObject()
        object.append("requestID", .string(requestID))
        object.append("csr", .string(Base64.encode(csr)))
        object.append("issuer", .string(issuer))
        object.append("polls", .number(JSONNumber(polls)))
        object.append("isCancelled", .bool(isCancelled))
        if let result {
            object.append("certificate", result.version.json)
            object.append("key", result.key.json)
            object.append("secret", result.secret.json)
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let requestID = json["requestID"]?.string, let issuer = json["issuer"]?.string,
            let csr = json["csr"]?.string.flatMap({ Base64.decode($0.utf8) }), let polls = json["polls"]?.int
        else { return nil }
        self.init(requestID: requestID, csr: csr, issuer: issuer, polls: polls)
        isCancelled = json["isCancelled"]?.bool ?? false
        if let certificate = json["certificate"].flatMap({ StoredVersion(json: $0, kind: .certificates) }),
            let key = json["key"].flatMap({ StoredVersion(json: $0, kind: .keys) }),
            let secret = json["secret"].flatMap({ StoredVersion(json: $0, kind: .secrets) })
        {
            result = PendingCertificate(version: certificate, key: key, secret: secret)
        }
    }
}
