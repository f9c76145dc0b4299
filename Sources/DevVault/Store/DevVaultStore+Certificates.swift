import JSON

extension DevVaultStore {
    /// Makes a self-signed certificate at once, with its key and secret. Answers the version's id.
    ///
    /// `format` of the secret: `application/x-pkcs12` or `application/x-pem-file`.
    @discardableResult
    public func createCertificate(
        _ name: String, subject: String, dnsNames: [String] = [], format: String = CertificatePolicy.pkcs12,
        vault: String
    ) throws(KeyVaultFault) -> String {
        var policy = CertificatePolicy()
        policy.subject = subject
        policy.dnsNames = dnsNames
        policy.contentType = format
        let operation = try beginCertificate(
            name, policy: policy, attributes: nil, tags: nil, vault: vault, polls: 0)
        return operation.id
    }

    /// Adds a certificate from PEM (private key and certificates) as a version. Answers the version's id.
    @discardableResult
    public func importCertificate(
        _ name: String, pem: String, format: String = CertificatePolicy.pem, vault: String
    ) throws(KeyVaultFault) -> String {
        guard let file = try? KeyStoreFile(pem: pem) else { throw .badParameter("The PEM text has no certificate.") }
        return try importCertificate(
            name, file: file, contentType: format, attributes: nil, tags: nil, vault: vault
        ).id
    }

    /// Generates key, request and certificate and starts the operation; with no polls to come it is done at once.
    func beginCertificate(
        _ name: String, policy: CertificatePolicy, attributes: JSONValue?, tags: JSONObject?, vault: String,
        polls: Int
    ) throws(KeyVaultFault) -> (id: String, operation: CertificateOperation) {
        try ObjectName.check(name)
        try read(vault) { (vault) throws(KeyVaultFault) in
            for kind in ObjectKind.allCases { try vault.checkWritable(kind, name) }
        }
        let now = Timestamp.now()
        let key = try Self.generate(policy.keyKind)
        guard let csr = try? CertificateRequest.make(subject: policy.subject, key: key) else {
            throw .badParameter("Property policy.x509_props.subject has invalid value.")
        }
        var operation = CertificateOperation(
            requestID: SecureRandom.hex(SecureRandom.bytes(16)), csr: csr, issuer: policy.issuer, polls: polls)
        var id = ""
        if policy.issuer == "Self" {
            guard let leaf = try? policy.template(now: now).certificate(for: key) else {
                throw .badParameter("Property policy.x509_props has invalid value.")
            }
            let made = try Self.versions(
                KeyStoreFile(key: key, chain: [leaf]), contentType: policy.contentType, attributes: attributes,
                tags: tags, now: now)
            operation.result = made
            id = made.version.id
        }
        let started = operation
        try update(vault) { (vault) throws(KeyVaultFault) in
            var object = vault[.certificates, name] ?? StoredObject(name: name, versions: [])
            object.operation = started
            let created = object.policy?["attributes"]?["created"]?.int ?? now
            object.policy = policy.object(created: created, updated: now)
            vault[.certificates, name] = object
            if polls == 0 { try vault.finishCertificate(name) }
        }
        return (id, operation)
    }

    func importCertificate(
        _ name: String, file: KeyStoreFile, contentType: String, attributes: JSONValue?, tags: JSONObject?,
        vault: String
    ) throws(KeyVaultFault) -> StoredVersion {
        try ObjectName.check(name)
        guard let leaf = file.chain.first, leaf.belongs(to: file.key), let kind = file.key.kind else {
            throw .badParameter("The certificate and its private key do not belong together.")
        }
        let now = Timestamp.now()
        let made = try Self.versions(file, contentType: contentType, attributes: attributes, tags: tags, now: now)
        let described = CertificatePolicy(imported: leaf, kind: kind, contentType: contentType)
        try update(vault) { (vault) throws(KeyVaultFault) in
            for kind in ObjectKind.allCases { try vault.checkWritable(kind, name) }
            var object = vault[.certificates, name] ?? StoredObject(name: name, versions: [])
            object.policy = described.object(created: now, updated: now)
            object.operation = nil
            vault[.certificates, name] = object
            try vault.addCertificate(made, name)
        }
        return made.version
    }

    /// The three versions that make up a certificate, all of one id.
    private static func versions(
        _ file: KeyStoreFile, contentType: String, attributes: JSONValue?, tags: JSONObject?, now: Int
    ) throws(KeyVaultFault) -> PendingCertificate {
        guard let leaf = file.chain.first, let der = try? file.key.privateDER() else { throw .cryptography }
        let text: String?
        switch contentType {
        case CertificatePolicy.pkcs12: text = (try? file.pkcs12()).map(Base64.encode)
        case CertificatePolicy.pem: text = try? file.pem()
        default: throw .badParameter("Property policy.secret_props.contentType has invalid value.")
        }
        guard let text else { throw .cryptography }
        let id = SecureRandom.version()
        var common = ObjectAttributes(now: now)
        common.isEnabled = attributes?["enabled"]?.bool ?? true
        common.notBefore = leaf.notBefore
        common.expires = leaf.notAfter
        let key = StoredKey(privateDER: der, operations: defaultOperations(file.key))
        return PendingCertificate(
            version: StoredVersion(
                id: id, attributes: common, tags: tags, content: .certificate(chain: file.chain.map(\.der))),
            key: StoredVersion(id: id, attributes: common, tags: tags, isManaged: true, content: .key(key)),
            secret: StoredVersion(
                id: id, attributes: common, tags: tags, isManaged: true,
                content: .secret(value: text, contentType: contentType)))
    }
}

extension Vault {
    /// Makes the result of the pending operation visible.
    mutating func finishCertificate(_ name: String) throws(KeyVaultFault) {
        guard var object = self[.certificates, name], let result = object.operation?.result else { return }
        object.operation?.result = nil
        object.operation?.polls = 0
        self[.certificates, name] = object
        try addCertificate(result, name)
    }

    mutating func addCertificate(_ made: PendingCertificate, _ name: String) throws(KeyVaultFault) {
        try add(made.version, .certificates, name)
        try add(made.key, .keys, name)
        try add(made.secret, .secrets, name)
    }
}
