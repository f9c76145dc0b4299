internal import JSON
internal import SecretSpec
internal import Synchronization

/// Logs in to Microsoft Entra ID with the projected service-account token (OAuth 2.0 client credentials with a
/// federated assertion, https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow).
final class EntraLogin: Sendable {
    /// A bearer token for vaults.
    typealias Credential = ExpiringCredential<String>

    /// Who logs in, for what: one credential each.
    private struct Account: Hashable {
        let identity: AgentPlan.Azure.Identity
        let scope: String
    }

    private let azure: AgentPlan.Azure
    /// The authority's origin; nil where the plan's text is none.
    let authority: Origin?
    private let http: RestrictedHTTPClient
    private let retrying: Retrying
    /// One for all identities: Entra ID throttles whoever asks, not an identity.
    private let gate = RetryGate()
    private let credentials = Mutex<[Account: Credential]>([:])

    init(_ azure: AgentPlan.Azure, http: HTTPClient, retrying: Retrying) {
        self.azure = azure
        self.retrying = retrying
        authority = try? Origin(url: azure.authority)
        self.http = RestrictedHTTPClient(http, policy: OriginPolicy(origins: authority.map { [$0] } ?? []))
    }

    /// The credential of an identity for a scope, shared by all that ask for it.
    func credential(_ identity: AgentPlan.Azure.Identity, scope: String) -> Credential {
        credentials.withLock { credentials in
            let account = Account(identity: identity, scope: scope)
            if let known = credentials[account] { return known }
            let credential = Credential(retrying: retrying, gate: gate) { deadline throws(VaultError) in
                try await self.exchange(account, deadline)
            }
            credentials[account] = credential
            return credential
        }
    }

    private func exchange(
        _ account: Account, _ deadline: ContinuousClock.Instant
    ) async throws(VaultError) -> Credential.Issued {
        let url = try url(account.identity)
        let assertion: ServiceAccountToken
        do {
            assertion = try ServiceAccountToken.read(azure.tokenFile, wallSeconds: retrying.timing.wallSeconds())
        } catch {
            throw error.vaultError
        }
        let requestedAt = retrying.timing.now()
        let response: HTTPResponse
        do {
            response = try await http.send(
                HTTPRequest(
                    method: "POST", url: url,
                    headers: [
                        ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
                    ], body: form(account, assertion), timeout: deadline - requestedAt))
        } catch {
            throw error.vaultError(
                service: "Microsoft Entra ID", remedy: "check the operator's azure.authority or azure.cloud")
        }
        guard response.status == 200 else {
            throw EntraError(response, wallSeconds: retrying.timing.wallSeconds())
                .vaultError(identity: account.identity, scope: account.scope, assertion: assertion.claims)
        }
        return try issued(response, at: requestedAt)
    }

    private func url(_ identity: AgentPlan.Azure.Identity) throws(VaultError) -> String {
        guard let authority else {
            throw VaultError(
                .notConfigured,
                "azure.authority is no origin like https://login.microsoftonline.com; correct the operator's file")
        }
        let tenant = identity.tenantID
        guard 1...253 ~= tenant.utf8.count, tenant.utf8.allSatisfy(Self.isTenantByte), tenant.utf8.first != 0x2E else {
            throw VaultError(
                .notConfigured,
                "the tenant id is neither a GUID nor a domain name; correct the annotation azure-tenant-id, or the "
                    + "ServiceAccount's azure.workload.identity/tenant-id")
        }
        return "\(authority.url)/\(tenant)/oauth2/v2.0/token"
    }

    private static func isTenantByte(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func form(_ account: Account, _ assertion: ServiceAccountToken) -> [UInt8] {
        FormEncoding.encode([
            ("client_id", account.identity.clientID), ("grant_type", "client_credentials"), ("scope", account.scope),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.text),
        ])
    }

    private func issued(
        _ response: HTTPResponse, at requestedAt: ContinuousClock.Instant
    ) throws(VaultError) -> Credential.Issued {
        guard let json = response.body.json, let token = json["access_token"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), let seconds = Self.seconds(json["expires_in"])
        else {
            throw VaultError(
                .malformedAnswer,
                "Microsoft Entra ID answered the login without a usable access_token and expires_in; check that "
                    + "azure.authority really is Entra ID")
        }
        return Credential.Issued(value: token, requestedAt: requestedAt, lifetime: .seconds(seconds))
    }

    /// A number; older endpoints write it as a text.
    private static func seconds(_ value: JSONValue?) -> Int? {
        guard let seconds = value?.int ?? value?.string.flatMap({ Int($0) }) else { return nil }
        return seconds > 0 ? min(seconds, 7 * 86_400) : nil
    }
}
