import JSON

/// How a certificate is made: the part of Key Vault's policy that the dev vault acts upon.
public struct CertificatePolicy: Sendable {
    /// The secret is base64 of PKCS#12.
    public static let pkcs12 = "application/x-pkcs12"
    /// The secret is PEM.
    public static let pem = "application/x-pem-file"

    var subject = ""
    var dnsNames: [String] = []
    var emails: [String] = []
    var keyUsages: [KeyUsage] = [.digitalSignature, .keyEncipherment]
    var extendedKeyUsages = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]
    var validityMonths = 12
    var keyKind = AsymmetricKey.Kind.rsa(bits: 2048)
    var isKeyReused = false
    var contentType = CertificatePolicy.pkcs12
    var issuer = "Self"
    /// As given, checked for its shape.
    var lifetimeActions: JSONValue = [
        ["trigger": ["lifetime_percentage": 80], "action": ["action_type": "AutoRenew"]]
    ]

    init() {}

    /// What an imported certificate says of itself.
    init(imported leaf: Certificate, kind: AsymmetricKey.Kind, contentType: String) {
        subject = leaf.subject
        keyUsages = leaf.keyUsages.compactMap(KeyUsage.init(rawValue:))
        extendedKeyUsages = leaf.extendedKeyUsages
        // Months begun, as the service counts: a year and ten minutes are 13.
        validityMonths = max(1, (leaf.notAfter &- leaf.notBefore) / (30 * 86400 + 43200) + 1)
        keyKind = kind
        self.contentType = contentType
        issuer = "Unknown"
        lifetimeActions = []
    }

    /// The validity starts ten minutes early, as the service has it.
    func template(now: Int) -> CertificateTemplate {
        CertificateTemplate(
            subject: subject, dnsNames: dnsNames, emails: emails, keyUsages: keyUsages,
            extendedKeyUsages: extendedKeyUsages, notBefore: now - 600,
            notAfter: now + validityMonths * (365 * 86400 / 12))
    }

    /// The policy as it is shown, without `id`.
    func object(created: Int, updated: Int) -> JSONObject {
        var key = JSONObject()
        key.append("exportable", true)
        switch keyKind {
        case .rsa(let bits):
            key.append("kty", "RSA")
            key.append("key_size", .number(JSONNumber(bits)))
        case .ec(let curve):
            key.append("kty", "EC")
            key.append("crv", .string(curve.rawValue))
        }
        key.append("reuse_key", .bool(isKeyReused))
        var x509 = JSONObject()
        x509.append("subject", .string(subject))
        var names = JSONObject()
        if !dnsNames.isEmpty { names.append("dns_names", .array(dnsNames.map { .string($0) })) }
        if !emails.isEmpty { names.append("emails", .array(emails.map { .string($0) })) }
        if !names.members.isEmpty { x509.append("sans", .object(names)) }
        x509.append("ekus", .array(extendedKeyUsages.map { .string($0) }))
        x509.append("key_usage", .array(keyUsages.map { .string($0.rawValue) }))
        x509.append("validity_months", .number(JSONNumber(validityMonths)))
        x509.append("basic_constraints", ["ca": false])
        var object = JSONObject()
        object.append("key_props", .object(key))
        object.append("secret_props", ["contentType": .string(contentType)])
        object.append("x509_props", .object(x509))
        object.append("lifetime_actions", lifetimeActions)
        object.append("issuer", ["name": .string(issuer)])
        let times: JSONValue = [
            "enabled": true, "created": .number(JSONNumber(created)), "updated": .number(JSONNumber(updated)),
        ]
        object.append("attributes", times)
        return object
    }
}
