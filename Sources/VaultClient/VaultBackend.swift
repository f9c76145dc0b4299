internal import SecretSpec

/// One kind of vault: finds out what a reference means and fetches it. Everything particular to a vault is behind it.
protocol VaultBackend: Sendable {
    /// The scheme of its references, as in its `BackendDescriptor`.
    static var scheme: String { get }

    /// Nil where the plan does not say how to reach such vaults.
    init?(plan: AgentPlan, http: HTTPClient, retrying: Retrying)

    /// What one request answers: references with equal locations share one fetch, so that fields of one object never
    /// come from two versions.
    func location(of reference: SecretReference) throws(VaultError) -> VaultLocation

    /// Fetches, and tries again what fails in passing, within a budget.
    func fetch(_ reference: SecretReference, within budget: Budget) async throws(VaultError) -> any VaultDocument
}

/// What one request answers, as far as grouping is concerned.
struct VaultLocation: Hashable, Sendable {
    /// The URL that is asked, without credentials.
    let url: String
    /// Who asks.
    let account: String
}

/// What a vault answered: one version of one object.
protocol VaultDocument: Sendable {
    /// The version as the vault names it, where it does.
    var version: String? { get }
    /// What its owner should know though the object was read, as one sentence.
    var warning: String? { get }

    /// The part that a reference means, in the form it wants.
    func content(for reference: SecretReference) throws(VaultError) -> SecretContent
}

/// What goes into one file, or with `#*` into one file per member.
enum SecretContent: Sendable {
    case whole(SecretBytes)
    /// Names as the vault gave them, in their order.
    case members([(name: String, bytes: SecretBytes)])
}
