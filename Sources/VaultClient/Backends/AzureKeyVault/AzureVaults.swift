internal import SecretSpec

/// The vaults that a plan allows, and how each is reached: the one place that turns a reference's vault into a host.
struct AzureVaults: Sendable {
    /// A vault that may be asked.
    struct Vault: Sendable, Hashable {
        /// Where it answers.
        let origin: Origin
        /// What tokens for it are asked for.
        let scope: String
        /// Who asks.
        let identity: AgentPlan.Azure.Identity
    }

    private struct Domain {
        let suffix: Origin
        let scope: String
    }

    private let endpoints: [String: Origin]
    private let domains: [Domain]
    private let azure: AgentPlan.Azure

    init(_ azure: AgentPlan.Azure) {
        self.azure = azure
        endpoints = azure.endpoints.reduce(into: [:]) { result, entry in
            result[entry.key.lowercased()] = try? Origin(url: entry.value)
        }
        domains = azure.domains.compactMap { domain in
            (try? Origin(authority: domain.suffix[...])).map { Domain(suffix: $0, scope: domain.scope) }
        }
    }

    /// Where tokens for vaults may go.
    var policy: OriginPolicy {
        OriginPolicy(origins: Array(endpoints.values), suffixes: domains.map(\.suffix))
    }

    /// How the vault of a reference is reached: an endpoint of its name, else a host below a domain, else its name
    /// below the first domain.
    func vault(_ object: AzureKeyVaultObject) throws(VaultError) -> Vault {
        let identity = azure.vaultIdentities[object.vault] ?? azure.identity
        if let origin = endpoints[object.vault], let scope = domains.first?.scope {
            return Vault(origin: origin, scope: scope, identity: identity)
        }
        if object.vaultIsHost {
            for domain in domains {
                guard let origin = try? Origin(authority: "\(object.vault):\(domain.suffix.port)"[...]),
                    origin.isBelow(domain.suffix)
                else { continue }
                return Vault(origin: origin, scope: domain.scope, identity: identity)
            }
            if let origin = endpoints.values.first(where: { $0.host == object.vault }), let scope = domains.first?.scope
            {
                return Vault(origin: origin, scope: scope, identity: identity)
            }
        } else if let domain = domains.first,
            let origin = try? Origin(authority: "\(object.vault).\(domain.suffix.authority)"[...])
        {
            return Vault(origin: origin, scope: domain.scope, identity: identity)
        }
        throw notAllowed(object)
    }

    private func notAllowed(_ object: AzureKeyVaultObject) -> VaultError {
        let accepted = domains.map { "a host below \($0.suffix.host)" } + endpoints.keys.sorted().map { "'\($0)'" }
        return VaultError(
            .notConfigured,
            "the vault '\(object.vault)' is not one that the operator allows, so nothing was sent to it; allowed: "
                + (accepted.isEmpty ? "none" : accepted.joined(separator: ", ")))
    }
}
