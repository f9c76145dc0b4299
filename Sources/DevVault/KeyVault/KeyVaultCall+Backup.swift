import JSON

/// Backups are the stored objects with a seal of the state's own key, so that nothing else is ever read back.
extension KeyVaultCall {
    func backup(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let objects = try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.backup(kind, name) }
        let content: JSONValue = [
            "kind": .string(kind.rawValue),
            "objects": .array(objects.map { ["kind": .string($0.0.rawValue), "object": $0.1.json] }),
        ]
        let bytes = content.serialized()
        let seal = DigestAlgorithm.sha256.authenticate(bytes, key: store.backupKey)
        return DevVaultResponse(200, ["value": .string(Base64.encodeURL(seal + bytes))])
    }

    func restore(_ kind: ObjectKind) throws(KeyVaultFault) -> DevVaultResponse {
        guard let bytes = try body()["value"]?.string.flatMap({ Base64.decode($0.utf8) }),
            let objects = unseal(bytes, kind), let first = objects.first
        else { throw .badParameter("Backup blob contains invalid or corrupt data.") }
        try store.update(vault) { (vault) throws(KeyVaultFault) in try vault.restore(objects) }
        guard let version = first.1.latest else { throw .notFound(kind, first.1.name) }
        var shown = first.1
        shown.operation = nil
        return DevVaultResponse(200, try render.bundle(kind, shown, version))
    }

    private func unseal(_ bytes: [UInt8], _ kind: ObjectKind) -> [(ObjectKind, StoredObject)]? {
        let size = DigestAlgorithm.sha256.size
        guard bytes.count > size else { return nil }
        let content = Array(bytes.dropFirst(size))
        let seal = DigestAlgorithm.sha256.authenticate(content, key: store.backupKey)
        let difference = zip(seal, bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        guard difference == 0, let value = try? JSONValue(parsing: content),
            value["kind"]?.string == kind.rawValue, let entries = value["objects"]?.array
        else { return nil }
        var objects: [(ObjectKind, StoredObject)] = []
        for entry in entries {
            guard let kind = entry["kind"]?.string.flatMap(ObjectKind.init(rawValue:)),
                var object = entry["object"].flatMap({ StoredObject(json: $0, kind: kind) })
            else { return nil }
            object.phase = .active
            object.deletion = nil
            objects.append((kind, object))
        }
        return objects
    }
}
