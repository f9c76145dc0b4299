import JSON

extension KeyVaultCall {
    func contacts(_ route: KeyVaultRoute) throws(KeyVaultFault) -> DevVaultResponse {
        let id: JSONValue = .string("\(render.base)/certificates/contacts")
        let list: JSONValue
        if case .setContacts = route {
            let written = try Self.contactList(body())
            try store.update(vault) { $0.contacts = written }
            list = written
        } else {
            guard let found = try store.read(vault, { $0.contacts }) else {
                throw KeyVaultFault(404, "ContactsNotFound", "Contacts not found")
            }
            if case .deleteContacts = route { try store.update(vault) { $0.contacts = nil } }
            list = found
        }
        return DevVaultResponse(200, ["id": id, "contacts": list])
    }

    private static func contactList(_ body: JSONValue) throws(KeyVaultFault) -> JSONValue {
        guard let list = body["contacts"]?.array, list.allSatisfy({ $0["email"]?.string != nil }) else {
            throw .badParameter("Property contacts has invalid value: each needs an email.")
        }
        return .array(list.map { texts($0, ["email", "name", "phone"]) })
    }

    private static func texts(_ value: JSONValue?, _ names: [String]) -> JSONValue {
        .object(
            JSONObject(
                names.compactMap { name in
                    value?[name]?.string.map { JSONObject.Member(name: name, value: .string($0)) }
                }))
    }

    func issuers(_ route: KeyVaultRoute) throws(KeyVaultFault) -> DevVaultResponse {
        switch route {
        case .issuer(let name): return show(name, try issuer(name))
        case .deleteIssuer(let name):
            let found = try issuer(name)
            try store.update(vault) { $0.issuers[name] = nil }
            return show(name, found)
        case .setIssuer(let name), .updateIssuer(let name):
            try ObjectName.check(name)
            var present: JSONObject?
            if case .updateIssuer = route { present = try issuer(name) }
            let next = try Self.issuer(body(), present)
            try store.update(vault) { $0.issuers[name] = .object(next) }
            return show(name, next)
        default:
            let issuers = try store.read(vault) { $0.issuers.members }
            let entries = issuers.sorted { $0.name < $1.name }.map { member in
                (
                    key: member.name,
                    value: [
                        "id": .string("\(render.base)/certificates/issuers/\(member.name)"),
                        "provider": member.value["provider"] ?? .null,
                    ] as JSONValue
                )
            }
            return DevVaultResponse(200, try Page.make(entries, request, base: render.base))
        }
    }

    private func issuer(_ name: String) throws(KeyVaultFault) -> JSONObject {
        guard let found = try store.read(vault, { $0.issuers[name]?.object }) else {
            throw KeyVaultFault(404, "CertificateIssuerNotFound", "Issuer not found: \(name)")
        }
        return found
    }

    private func show(_ name: String, _ issuer: JSONObject) -> DevVaultResponse {
        let id: JSONValue = .string("\(render.base)/certificates/issuers/\(name)")
        return DevVaultResponse(200, .object(JSONObject([.init(name: "id", value: id)] + issuer.members)))
    }

    /// Only what is known is kept, and never the password.
    private static func issuer(_ body: JSONValue, _ present: JSONObject?) throws(KeyVaultFault) -> JSONObject {
        guard let provider = body["provider"]?.string ?? present?["provider"]?.string else {
            throw .badParameter("Property provider has invalid value.")
        }
        let now = JSONValue.number(JSONNumber(Timestamp.now()))
        var result = JSONObject()
        result.append("provider", .string(provider))
        if body["credentials"] != nil || present?["credentials"] == nil {
            result.append("credentials", texts(body["credentials"], ["account_id"]))
        } else if let credentials = present?["credentials"] {
            result.append("credentials", credentials)
        }
        if let details = body["org_details"], details.object != nil {
            let people = (details["admin_details"]?.array ?? []).map {
                texts($0, ["first_name", "last_name", "email", "phone"])
            }
            var organisation = texts(details, ["id"]).object ?? JSONObject()
            organisation.append("zip", 0)
            organisation.append("admin_details", .array(people))
            result.append("org_details", .object(organisation))
        } else if let details = present?["org_details"] {
            result.append("org_details", details)
        }
        let created = present?["attributes"]?["created"] ?? now
        let isEnabled = body["attributes"]?["enabled"]?.bool ?? true
        result.append("attributes", ["enabled": .bool(isEnabled), "created": created, "updated": now])
        return result
    }
}
