extension VaultConfiguration {
    init(reader: ConfigurationReader) throws(DevVaultError) {
        try reader.allow(["name", "authorization", "grants"])
        self.init(try reader.member("name").text())
        if let text = try reader.optional("authorization")?.text() {
            guard let known = Authorization(rawValue: text) else {
                throw .configuration(key: reader.key + ".authorization", expected: "rbac or accessPolicy")
            }
            authorization = known
        }
        grants = try reader.optional("grants")?.list(VaultGrant.init(reader:)) ?? []
    }
}

extension VaultGrant {
    init(reader: ConfigurationReader) throws(DevVaultError) {
        try reader.allow(["clientID", "secrets", "keys", "certificates"])
        self.init(clientID: try reader.member("clientID").text())
        if let list = try reader.optional("secrets")?.texts() { secrets = Set(list) }
        if let list = try reader.optional("keys")?.texts() { keys = Set(list) }
        if let list = try reader.optional("certificates")?.texts() { certificates = Set(list) }
    }
}

extension FederatedIdentity {
    init(reader: ConfigurationReader) throws(DevVaultError) {
        try reader.allow(["issuer", "subject", "audience", "clientID", "tenantID"])
        self.init(
            issuer: try reader.member("issuer").text(), subject: try reader.member("subject").text(),
            audience: try reader.optional("audience")?.text() ?? "api://AzureADTokenExchange",
            clientID: try reader.member("clientID").text(), tenantID: try reader.optional("tenantID")?.text())
    }
}

extension TrustedIssuer {
    /// `jwks` (inline), `jwksFile`, `jwksURL`, or none of them for discovery.
    init(reader: ConfigurationReader) throws(DevVaultError) {
        try reader.allow(["issuer", "jwks", "jwksFile", "jwksURL", "caFile", "bearerTokenFile"])
        let caFile = try reader.optional("caFile")?.text()
        let tokenFile = try reader.optional("bearerTokenFile")?.text()
        let keys: Keys =
            if let document = reader.optional("jwks") {
                .inline(document.value)
            } else if let path = try reader.optional("jwksFile")?.text() {
                .file(path)
            } else if let url = try reader.optional("jwksURL")?.text() {
                .url(url, caFile: caFile, bearerTokenFile: tokenFile)
            } else {
                .discovery(caFile: caFile, bearerTokenFile: tokenFile)
            }
        self.init(issuer: try reader.member("issuer").text(), keys: keys)
    }
}
