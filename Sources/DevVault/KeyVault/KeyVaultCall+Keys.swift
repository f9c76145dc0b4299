import JSON

extension KeyVaultCall {
    /// `key_ops` of a request; nil where it says nothing.
    func keyOperations(_ body: JSONValue) throws(KeyVaultFault) -> [String]? {
        guard let list = body["key_ops"]?.array ?? body["key"]?["key_ops"]?.array else { return nil }
        let known = CryptographicOperation.allCases.map(\.rawValue) + ["import", "export"]
        let operations = list.compactMap(\.string)
        guard operations.count == list.count, operations.allSatisfy(known.contains) else {
            throw .badParameter("Property key_ops has invalid value.")
        }
        return operations
    }

    private func checkSupported(_ body: JSONValue) throws(KeyVaultFault) {
        let exportable = body["attributes"]?["exportable"]?.bool ?? false
        if exportable || (body["release_policy"]?.object != nil) {
            throw .badParameter("The dev vault has no exportable keys and no release policies.")
        }
    }

    func createKey(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        try checkSupported(body)
        let kind: AsymmetricKey.Kind
        switch body["kty"]?.string {
        case "RSA": kind = .rsa(bits: body["key_size"]?.int ?? 2048)
        case "EC":
            guard let curve = EllipticCurve(rawValue: body["crv"]?.string ?? "P-256") else {
                throw .badParameter("Property crv has invalid value.")
            }
            kind = .ec(curve)
        case "RSA-HSM", "EC-HSM", "oct", "oct-HSM":
            throw .badParameter("Property kty has a value that needs an HSM, which the dev vault has not.")
        default: throw .badParameter("Property kty has invalid value.")
        }
        try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.checkWritable(.keys, name) }
        let version = try store.addKey(
            name, key: try DevVaultStore.generate(kind), operations: try keyOperations(body),
            attributes: try attributes(body), tags: try tags(body), vault: vault)
        return try keyAnswer(name, version)
    }

    func importKey(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        try checkSupported(body)
        guard let jwk = body["key"], jwk.object != nil, body["Hsm"]?.bool ?? body["hsm"]?.bool ?? false == false,
            let key = try? AsymmetricKey(privateJWK: jwk), let kind = key.kind
        else { throw .badParameter("Property key has invalid value: a whole RSA or EC key pair is needed.") }
        if case .rsa(let bits) = kind, ![2048, 3072, 4096].contains(bits) {
            throw .badParameter("Property key.n has invalid value: 2048, 3072 and 4096 bits are supported.")
        }
        let version = try store.addKey(
            name, key: key, operations: try keyOperations(body), attributes: try attributes(body),
            tags: try tags(body), vault: vault)
        return try keyAnswer(name, version)
    }

    func keyAnswer(_ name: String, _ version: StoredVersion) throws(KeyVaultFault) -> DevVaultResponse {
        let object = try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.active(.keys, name) }
        return DevVaultResponse(200, try render.bundle(.keys, object, version))
    }

    func rotationPolicy(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let object = try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.active(.keys, name) }
        return DevVaultResponse(200, show(object.rotationPolicy ?? JSONObject(), name))
    }

    func setRotationPolicy(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        var actions: [JSONValue] = []
        for action in body["lifetimeActions"]?.array ?? [] {
            guard let type = action["action"]?["type"]?.string, ["rotate", "notify"].contains(type.lowercased()) else {
                throw .badParameter("Property lifetimeActions has invalid value.")
            }
            var trigger = JSONObject()
            for name in ["timeAfterCreate", "timeBeforeExpiry"] {
                if let time = action["trigger"]?[name]?.string { trigger.append(name, .string(time)) }
            }
            actions.append(["trigger": .object(trigger), "action": ["type": .string(type)]])
        }
        let now = Timestamp.now()
        let written = actions
        let object = try store.update(vault) { (vault) throws(KeyVaultFault) in
            var object = try vault.active(.keys, name)
            var attributes = JSONObject()
            if let time = body["attributes"]?["expiryTime"]?.string { attributes.append("expiryTime", .string(time)) }
            let created = object.rotationPolicy?["attributes"]?["created"]?.int ?? now
            attributes.append("created", .number(JSONNumber(created)))
            attributes.append("updated", .number(JSONNumber(now)))
            var policy = JSONObject()
            policy.append("lifetimeActions", .array(written))
            policy.append("attributes", .object(attributes))
            object.rotationPolicy = policy
            vault[.keys, name] = object
            return object
        }
        return DevVaultResponse(200, show(object.rotationPolicy ?? JSONObject(), name))
    }

    private func show(_ policy: JSONObject, _ name: String) -> JSONValue {
        let id = JSONObject.Member(name: "id", value: .string("\(render.base)/keys/\(name)/rotationpolicy"))
        return .object(JSONObject([id] + policy.members))
    }
}
