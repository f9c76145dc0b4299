internal import SecretSpec

/// Azure Key Vault, with tokens that Entra ID gives for the pod's own service account.
struct AzureKeyVaultBackend: VaultBackend {
    static let scheme = "akv"

    private let vaults: AzureVaults
    private let login: EntraLogin
    private let http: RestrictedHTTPClient
    private let retrying: Retrying
    private let gates = RetryGates()
    private let refused = RefusedTokens()

    init?(plan: AgentPlan, http: HTTPClient, retrying: Retrying) {
        guard let azure = plan.azure else { return nil }
        vaults = AzureVaults(azure)
        login = EntraLogin(azure, http: http, retrying: retrying)
        self.http = RestrictedHTTPClient(http, policy: vaults.policy)
        self.retrying = retrying
    }

    func location(of reference: SecretReference) throws(VaultError) -> VaultLocation {
        let context = try context(of: reference)
        let identity = context.vault.identity
        // Key Vault does not tell names by case (and versions are hexadecimal): one object, one fetch.
        return VaultLocation(url: context.url.lowercased(), account: "\(identity.tenantID)/\(identity.clientID)")
    }

    func fetch(_ reference: SecretReference, within budget: Budget) async throws(VaultError) -> any VaultDocument {
        let context = try context(of: reference)
        try refused.check(context.vault, budget)
        let credential = login.credential(context.vault.identity, scope: context.vault.scope)
        var token = try await credential.get(within: budget)
        var response = try await answer(context, token.value, budget)
        if response.status == 401 {
            // The token may have been revoked, or be older than a change of rights: one fresh login, not a second.
            try checkChallenge(response, context)
            await credential.reject(token.generation)
            token = try await credential.get(within: budget)
            try refused.check(context.vault, budget)
            response = try await answer(context, token.value, budget)
        }
        if response.status == 401 {
            try checkChallenge(response, context)
            let error = fault(response, context)
            refused.remember(error, of: context.vault, budget)
            throw error
        }
        return try KeyVaultDocument(response.body, context, wallSeconds: retrying.timing.wallSeconds())
    }

    /// An answer with status 200 or 401, after as many tries as it takes.
    private func answer(
        _ context: KeyVaultContext, _ token: String, _ budget: Budget
    ) async throws(VaultError) -> HTTPResponse {
        try await retrying.run(within: budget, gate: gates[context.vault.origin]) { deadline throws(VaultError) in
            let response = try await get(context, token, deadline)
            guard response.status == 200 || response.status == 401 else {
                throw fault(response, context)
            }
            return response
        }
    }

    private func fault(_ response: HTTPResponse, _ context: KeyVaultContext) -> VaultError {
        KeyVaultError(response, wallSeconds: retrying.timing.wallSeconds()).vaultError(context)
    }

    private func context(of reference: SecretReference) throws(VaultError) -> KeyVaultContext {
        do {
            let object = try AzureKeyVaultObject(reference)
            return KeyVaultContext(object: object, vault: try vaults.vault(object))
        } catch let error as VaultError {
            throw error
        } catch {
            throw VaultError(.notConfigured, "the reference \(error)")
        }
    }

    private func get(
        _ context: KeyVaultContext, _ token: String, _ deadline: ContinuousClock.Instant
    ) async throws(VaultError) -> HTTPResponse {
        do {
            return try await http.send(
                HTTPRequest(
                    url: context.url, headers: [("Authorization", "Bearer \(token)"), ("Accept", "application/json")],
                    timeout: deadline - retrying.timing.now()))
        } catch {
            throw error.vaultError(
                service: "vault \(context.vault.origin)", remedy: "check the vault's name in the reference")
        }
    }

    private func checkChallenge(_ response: HTTPResponse, _ context: KeyVaultContext) throws(VaultError) {
        for header in response.headers("WWW-Authenticate") {
            guard let challenge = BearerChallenge(header),
                let mismatch = challenge.mismatch(
                    vault: context.vault.origin, scope: context.vault.scope, authority: login.authority,
                    tenantID: context.vault.identity.tenantID)
            else { continue }
            throw VaultError(
                .challengeRefused, "vault \(context.vault.origin) refuses the token, and \(mismatch)")
        }
    }
}
