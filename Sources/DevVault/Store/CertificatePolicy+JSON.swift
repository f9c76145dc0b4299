import JSON

extension CertificatePolicy {
    /// Takes over what a request's policy says; absent members stay.
    mutating func apply(_ policy: JSONValue) throws(KeyVaultFault) {
        try applyKey(policy["key_props"])
        if let type = policy["secret_props"]?["contentType"]?.string {
            guard [Self.pkcs12, Self.pem].contains(type) else { throw .invalidPolicy("secret_props.contentType") }
            contentType = type
        }
        try applyX509(policy["x509_props"])
        if let actions = policy["lifetime_actions"]?.array {
            lifetimeActions = .array(try actions.map(Self.lifetimeAction))
        }
        if let name = policy["issuer"]?["name"]?.string {
            guard ["Self", "Unknown"].contains(name) else { throw .invalidPolicy("issuer.name") }
            issuer = name
        }
    }

    private mutating func applyKey(_ properties: JSONValue?) throws(KeyVaultFault) {
        guard let properties else { return }
        if properties["exportable"]?.bool == false { throw .invalidPolicy("key_props.exportable") }
        isKeyReused = properties["reuse_key"]?.bool ?? isKeyReused
        switch properties["kty"]?.string {
        case nil, "RSA":
            if case .rsa(let bits) = keyKind { keyKind = .rsa(bits: properties["key_size"]?.int ?? bits) }
            if properties["kty"] != nil { keyKind = .rsa(bits: properties["key_size"]?.int ?? 2048) }
        case "EC":
            guard let curve = EllipticCurve(rawValue: properties["crv"]?.string ?? "P-256") else {
                throw .invalidPolicy("key_props.crv")
            }
            keyKind = .ec(curve)
        default: throw .invalidPolicy("key_props.kty")
        }
    }

    private mutating func applyX509(_ properties: JSONValue?) throws(KeyVaultFault) {
        guard let properties else { return }
        subject = properties["subject"]?.string ?? subject
        if let names = properties["sans"] {
            dnsNames = names["dns_names"]?.array?.compactMap(\.string) ?? []
            emails = names["emails"]?.array?.compactMap(\.string) ?? []
            guard names["upns"]?.array?.isEmpty ?? true else { throw .invalidPolicy("x509_props.sans.upns") }
        }
        if let usages = properties["ekus"]?.array { extendedKeyUsages = usages.compactMap(\.string) }
        if let usages = properties["key_usage"]?.array {
            keyUsages = try usages.map { (usage) throws(KeyVaultFault) in
                guard let known = usage.string.flatMap(KeyUsage.init(rawValue:)) else {
                    throw .invalidPolicy("x509_props.key_usage")
                }
                return known
            }
        }
        if let months = properties["validity_months"]?.int {
            guard (1...1200).contains(months) else { throw .invalidPolicy("x509_props.validity_months") }
            validityMonths = months
        }
    }

    private static func lifetimeAction(_ action: JSONValue) throws(KeyVaultFault) -> JSONValue {
        var trigger = JSONObject()
        for name in ["lifetime_percentage", "days_before_expiry"] {
            if let number = action["trigger"]?[name]?.int { trigger.append(name, .number(JSONNumber(number))) }
        }
        guard let type = action["action"]?["action_type"]?.string, ["AutoRenew", "EmailContacts"].contains(type),
            trigger.members.count == 1
        else { throw .invalidPolicy("lifetime_actions") }
        return ["trigger": .object(trigger), "action": ["action_type": .string(type)]]
    }

    /// A policy read back from a stored object.
    init(stored: JSONObject) throws(KeyVaultFault) {
        self.init()
        try apply(.object(stored))
    }
}

extension KeyVaultFault {
    fileprivate static func invalidPolicy(_ member: String) -> KeyVaultFault {
        .badParameter("Property policy.\(member) has invalid value or one that the dev vault does not support.")
    }
}
