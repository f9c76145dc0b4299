import JSON

/// The token endpoint and the documents that clients look up around it.
struct EntraService: Sendable {
    let configuration: DevVaultConfiguration
    let tokens: AccessTokens
    let keys: IssuerKeys

    /// Every tenant that exists here.
    private var tenants: Set<String> {
        Set(
            ([configuration.tenantID] + configuration.otherTenantIDs
                + configuration.identities.compactMap(\.tenantID)).map { $0.lowercased() })
    }

    func answer(_ request: DevVaultRequest) async -> DevVaultResponse {
        let path = request.path.map { $0.lowercased() }
        let host = request.host
        if request.method == "GET", path == ["common", "discovery", "instance"] {
            return DevVaultResponse(200, Self.instance(host, tenant: configuration.tenantID))
        }
        guard let tenant = request.path.first else { return notFound }
        do throws(EntraError) {
            switch (request.method, Array(path.dropFirst())) {
            case ("GET", ["v2.0", ".well-known", "openid-configuration"]):
                try check(tenant: tenant)
                return DevVaultResponse(200, Self.metadata(host, tenant))
            case ("GET", ["discovery", "v2.0", "keys"]):
                try check(tenant: tenant)
                return DevVaultResponse(200, tokens.keySet)
            case ("POST", ["oauth2", "v2.0", "token"]):
                try check(tenant: tenant)
                return try await token(request, tenant: tenant)
            default: return notFound
            }
        } catch {
            return Self.refusal(error, request)
        }
    }

    static func refusal(_ error: EntraError, _ request: DevVaultRequest) -> DevVaultResponse {
        let id = request.header("client-request-id") ?? ""
        let isPlain = (1...64).contains(id.utf8.count) && id.allSatisfy { $0.isHexDigit || $0 == "-" }
        return DevVaultResponse(
            error.status,
            error.body(
                now: Timestamp.now(), correlationID: isPlain ? id : SecureRandom.uuid(), host: request.host))
    }

    private var notFound: DevVaultResponse {
        DevVaultResponse(404, ["error": "not_found", "error_description": "The dev vault serves no such path."])
    }

    private func check(tenant: String) throws(EntraError) {
        guard tenants.contains(tenant.lowercased()) else { throw .tenantNotFound(tenant) }
    }

    private func token(_ request: DevVaultRequest, tenant: String) async throws(EntraError) -> DevVaultResponse {
        guard let text = String(validating: request.body, as: UTF8.self), let form = DevVaultRequest.form(text) else {
            throw .missingParameter("grant_type")
        }
        func field(_ name: String) throws(EntraError) -> String {
            guard let value = form.first(where: { $0.name == name })?.value, !value.isEmpty else {
                throw .missingParameter(name)
            }
            return value
        }
        let grant = try field("grant_type")
        guard grant == "client_credentials" else { throw .unsupportedGrant(grant) }
        let client = try field("client_id")
        let resource = try resource(try field("scope"), tenant: tenant)
        let identities = configuration.identities.filter {
            $0.clientID.lowercased() == client.lowercased()
                && ($0.tenantID ?? configuration.tenantID).lowercased() == tenant.lowercased()
        }
        guard !identities.isEmpty else { throw .unknownClient(client, tenant: tenant) }
        let assertion = try field("client_assertion")
        guard try field("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" else {
            throw .unsupportedAssertionType
        }
        try await verify(assertion, for: identities)
        let caller = Caller(clientID: client, tenantID: tenant)
        guard let made = try? tokens.make(for: caller, resource: resource, now: Timestamp.now()) else {
            throw .invalidToken
        }
        let life = JSONValue.number(JSONNumber(tokens.lifetime))
        return DevVaultResponse(
            200,
            [
                "token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": .string(made),
            ])
    }

    private func resource(_ scope: String, tenant: String) throws(EntraError) -> String {
        guard !scope.contains(" ") else { throw .invalidScope(scope) }
        guard scope.hasSuffix("/.default") else { throw .scopeWithoutDefault(scope) }
        let resource = String(scope.dropLast("/.default".count))
        guard tokens.resources.contains(resource) else { throw .unknownResource(resource, tenant: tenant) }
        return resource
    }

    /// Issuer, subject and audience as the credential says, character by character; then signature and times.
    private func verify(_ assertion: String, for identities: [FederatedIdentity]) async throws(EntraError) {
        guard let token = JSONWebToken(assertion), let issuer = token.issuer, let subject = token.subject else {
            throw .invalidToken
        }
        let byIssuer = identities.filter { $0.issuer.isSameText(as: issuer) }
        guard !byIssuer.isEmpty else { throw .noMatchingIssuer(issuer) }
        let bySubject = byIssuer.filter { $0.subject.isSameText(as: subject) }
        guard !bySubject.isEmpty else { throw .noMatchingSubject(subject) }
        let isMeant = bySubject.contains { identity in
            token.audiences.contains { $0.isSameText(as: identity.audience) }
        }
        guard isMeant else { throw .noMatchingAudience(token.audiences.joined(separator: ",")) }
        let now = Timestamp.now()
        do throws(TokenFault) {
            try token.verify(with: try await keys.keys(for: issuer, token: token), now: now)
        } catch {
            switch error {
            case .malformed, .wrongSignature: throw .invalidToken
            case .unknownKey: throw .unknownKey(token.keyID ?? "(none)", issuer: issuer)
            case .keysUnavailable: throw .issuerUnreachable(issuer)
            case .outsideValidity(let from, let until): throw .outsideValidity(now: now, from: from, until: until)
            }
        }
    }
}
