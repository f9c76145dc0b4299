internal import Synchronization

/// Which vaults refuse even a fresh token, each for the look that found it out: for one identity, a vault's answer is the
/// same for all its objects, and each further login or read of that look would be in vain.
final class RefusedTokens: Sendable {
    private let refusals = Mutex<[AzureVaults.Vault: (budget: Budget, error: VaultError)]>([:])

    /// Fails where a vault refused a fresh token of its identity in the same look.
    func check(_ vault: AzureVaults.Vault, _ budget: Budget) throws(VaultError) {
        let refusal = refusals.withLock { $0[vault] }
        if let refusal, refusal.budget === budget { throw refusal.error }
    }

    /// Remembers a refusal until another look begins.
    func remember(_ error: VaultError, of vault: AzureVaults.Vault, _ budget: Budget) {
        refusals.withLock { $0[vault] = (budget, error) }
    }
}
