internal import SecretSpec

/// Every backend that references can be fetched from. A new one adds its line here and one in `BackendDescriptor.all`.
enum BackendRegistry {
    static let all: [any VaultBackend.Type] = [AzureKeyVaultBackend.self]

    /// The backends that a plan gives what they need, by scheme.
    static func backends(for plan: AgentPlan, http: HTTPClient, retrying: Retrying) -> [String: any VaultBackend] {
        var backends: [String: any VaultBackend] = [:]
        for type in all { backends[type.scheme] = type.init(plan: plan, http: http, retrying: retrying) }
        return backends
    }
}
