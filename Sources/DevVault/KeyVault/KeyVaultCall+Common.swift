import JSON

extension KeyVaultCall {
    func list(_ kind: ObjectKind) throws(KeyVaultFault) -> DevVaultResponse {
        let objects = try store.read(vault) { $0.list(kind) }
        let entries = objects.compactMap { object in
            object.latest.map { (object.name.lowercased(), render.item(kind, object, $0, showsVersion: false)) }
        }
        return DevVaultResponse(200, try Page.make(entries, request, base: render.base))
    }

    /// An object that is not there has no versions; the service says so with an empty list.
    func versions(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let object = try store.read(vault) { (vault) -> StoredObject? in
            guard let object = vault[kind, name], object.phase == .active else { return nil }
            return object
        }
        let entries = (object?.versions ?? []).sorted { $0.id < $1.id }.compactMap { version in
            object.map { (version.id, render.item(kind, $0, version, showsVersion: true)) }
        }
        return DevVaultResponse(200, try Page.make(entries, request, base: render.base))
    }

    func get(_ kind: ObjectKind, _ name: String, _ id: String?) throws(KeyVaultFault) -> DevVaultResponse {
        try store.poll(vault) { (vault) throws(KeyVaultFault) in try vault.poll(kind, name) }
        let (object, _, version) = try store.read(vault) { (vault) throws(KeyVaultFault) in
            try vault.located(kind, name, id)
        }
        if kind == .secrets, !version.attributes.isEnabled { throw .disabled(.secrets, "get") }
        let bundle = try render.bundle(kind, object, version, withValue: true, withPolicy: id ?? "" == "")
        guard kind == .certificates, id ?? "" != "" else { return DevVaultResponse(200, bundle) }
        return DevVaultResponse(200, describe(bundle, version))
    }

    /// A certificate asked for by version says who it is, and has no policy.
    private func describe(_ bundle: JSONValue, _ version: StoredVersion) -> JSONValue {
        guard var object = bundle.object, case .certificate(let chain) = version.content,
            let leaf = chain.first.flatMap({ try? Certificate(der: $0) })
        else { return bundle }
        object.append("subject", .string(leaf.subject))
        object.append("issuer", .string(leaf.issuer))
        object.append("serialnumber", .string(leaf.serialNumber))
        return .object(object)
    }

    func update(_ kind: ObjectKind, _ name: String, _ id: String?) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        let tags = try tags(body)
        let operations = try keyOperations(body)
        let type = body["contentType"]?.string
        guard type?.utf8.count ?? 0 <= 255 else { throw .badParameter("Property contentType has invalid value.") }
        try store.change(kind, name, id, vault: vault) { (version) throws(KeyVaultFault) in
            if version.isManaged { throw .managed(kind) }
            try version.attributes.apply(body["attributes"])
            if let tags { version.tags = tags }
            if let type { version.contentType = type }
            if let operations, case .key(var key) = version.content {
                key.operations = operations
                version.content = .key(key)
            }
        }
        let (object, _, version) = try store.read(vault) { (vault) throws(KeyVaultFault) in
            try vault.located(kind, name, id)
        }
        var bundle = try render.bundle(kind, object, version, withPolicy: false)
        if kind == .certificates, object.operation != nil, var members = bundle.object {
            members.append("pending", ["id": .string("\(render.base)/certificates/\(object.name)/pending")])
            bundle = .object(members)
        }
        return DevVaultResponse(200, bundle)
    }

    func delete(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let polls = store.pollsUntilSettled
        let object = try store.update(vault) { (vault) throws(KeyVaultFault) in
            try vault.delete(kind, name, now: Timestamp.now(), polls: polls)
            return vault[kind, name]
        }
        return try deletedAnswer(kind, object, name)
    }

    private func deletedAnswer(
        _ kind: ObjectKind, _ object: StoredObject?, _ name: String
    ) throws(KeyVaultFault) -> DevVaultResponse {
        guard let object, let version = object.latest else { throw .deletedNotFound(kind, name) }
        return DevVaultResponse(200, try render.bundle(kind, object, version, isDeleted: true))
    }

    func getDeleted(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let object = try store.poll(vault) { (vault) throws(KeyVaultFault) in try vault.pollDeleted(kind, name) }
        return try deletedAnswer(kind, object, name)
    }

    func listDeleted(_ kind: ObjectKind) throws(KeyVaultFault) -> DevVaultResponse {
        let objects = try store.read(vault) { $0.listDeleted(kind) }
        let entries = objects.compactMap { object in
            object.latest.map {
                (object.name.lowercased(), render.item(kind, object, $0, showsVersion: false, isDeleted: true))
            }
        }
        return DevVaultResponse(200, try Page.make(entries, request, base: render.base))
    }

    func purge(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        try store.update(vault) { (vault) throws(KeyVaultFault) in try vault.purge(kind, name) }
        return DevVaultResponse(204)
    }

    func recover(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let polls = store.pollsUntilSettled
        let object = try store.update(vault) { (vault) throws(KeyVaultFault) in
            try vault.recover(kind, name, polls: polls)
        }
        guard let version = object.latest else { throw .notFound(kind, name) }
        return DevVaultResponse(200, try render.bundle(kind, object, version))
    }
}
