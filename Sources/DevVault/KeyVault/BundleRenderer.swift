import JSON

/// Writes objects as the data plane shows them.
struct BundleRenderer: Sendable {
    /// `https://<authority as the client named it>`
    let base: String
    let apiVersion: String

    private func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    func id(_ kind: ObjectKind, _ name: String, _ version: String? = nil) -> JSONValue {
        .string("\(base)/\(kind.rawValue)/\(name)" + (version.map { "/" + $0 } ?? ""))
    }

    /// `recoverableDays` came with 7.1.
    func attributes(_ attributes: ObjectAttributes, withRecovery: Bool = true) -> JSONValue {
        var object = JSONObject()
        object.append("enabled", .bool(attributes.isEnabled))
        if let time = attributes.notBefore { object.append("nbf", number(time)) }
        if let time = attributes.expires { object.append("exp", number(time)) }
        object.append("created", number(attributes.created))
        object.append("updated", number(attributes.updated))
        if withRecovery {
            object.append("recoveryLevel", "Recoverable+Purgeable")
            if apiVersion != "7.0" { object.append("recoverableDays", number(Vault.recoverableDays)) }
        }
        return .object(object)
    }

    /// The members that a deleted object has in front.
    func deletion(_ object: StoredObject, _ kind: ObjectKind) -> [JSONObject.Member] {
        guard let deletion = object.deletion else { return [] }
        return [
            JSONObject.Member(name: "recoveryId", value: .string("\(base)/deleted\(kind.rawValue)/\(object.name)")),
            JSONObject.Member(name: "deletedDate", value: number(deletion.date)),
            JSONObject.Member(name: "scheduledPurgeDate", value: number(deletion.scheduledPurge)),
        ]
    }

    /// A whole object with one of its versions.
    func bundle(
        _ kind: ObjectKind, _ object: StoredObject, _ version: StoredVersion, isDeleted: Bool = false,
        withValue: Bool = false, withPolicy: Bool = true
    ) throws(KeyVaultFault) -> JSONValue {
        var result = JSONObject(isDeleted ? deletion(object, kind) : [])
        switch version.content {
        case .secret(let value, let type):
            if withValue { result.append("value", .string(value)) }
            if let type { result.append("contentType", .string(type)) }
            result.append("id", id(.secrets, object.name, version.id))
        case .key(let key): result.append("key", try jwk(object, version, key))
        case .certificate(let chain): try appendCertificate(chain, object, version, to: &result)
        }
        if version.isManaged { result.append("managed", true) }
        result.append("attributes", attributes(version.attributes))
        if let tags = version.tags { result.append("tags", .object(tags)) }
        if kind == .secrets, version.isManaged { result.append("kid", id(.keys, object.name, version.id)) }
        if kind == .certificates, withPolicy {
            if let policy = object.policy { result.append("policy", self.policy(policy, object.name)) }
            if object.operation != nil {
                result.append("pending", ["id": .string("\(base)/certificates/\(object.name)/pending")])
            }
        }
        return .object(result)
    }

    func jwk(_ object: StoredObject, _ version: StoredVersion, _ key: StoredKey) throws(KeyVaultFault) -> JSONValue {
        var result = JSONObject()
        result.append("kid", id(.keys, object.name, version.id))
        guard let members = try? key.key().publicJWK() else { throw .cryptography }
        for (index, member) in members.enumerated() {
            result.append(member.name, member.value)
            if index == 0 { result.append("key_ops", .array(key.operations.map { .string($0) })) }
        }
        return .object(result)
    }

    private func appendCertificate(
        _ chain: [[UInt8]], _ object: StoredObject, _ version: StoredVersion, to result: inout JSONObject
    ) throws(KeyVaultFault) {
        guard let der = chain.first else { throw .cryptography }
        result.append("id", id(.certificates, object.name, version.id))
        result.append("kid", id(.keys, object.name, version.id))
        result.append("sid", id(.secrets, object.name, version.id))
        result.append("x5t", .string(Base64.encodeURL(DigestAlgorithm.sha1.digest(der))))
        result.append("cer", .string(Base64.encode(der)))
    }

    func policy(_ policy: JSONObject, _ name: String) -> JSONValue {
        let id = JSONObject.Member(name: "id", value: .string("\(base)/certificates/\(name)/policy"))
        return .object(JSONObject([id] + policy.members))
    }
}
