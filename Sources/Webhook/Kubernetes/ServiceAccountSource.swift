public import Injector

/// Where the annotations of ServiceAccounts come from.
public protocol ServiceAccountSource: Sendable {
    /// The annotations as they are at some moment after the call.
    func annotations(of account: ServiceAccountName) async throws(KubernetesError) -> [String: String]
}

/// A source that knows a fixed set, for development without a cluster. Others have no annotations.
public struct FixedServiceAccounts: ServiceAccountSource {
    private let accounts: [ServiceAccountName: [String: String]]

    /// A source of these ServiceAccounts.
    public init(_ accounts: [ServiceAccountName: [String: String]] = [:]) {
        self.accounts = accounts
    }

    public func annotations(of account: ServiceAccountName) async throws(KubernetesError) -> [String: String] {
        accounts[account] ?? [:]
    }
}
