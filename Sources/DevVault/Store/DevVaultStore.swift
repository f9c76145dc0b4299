import JSON
import Synchronization

/// The content of all vaults of a dev vault, and how to change it from Swift.
///
/// Every change is in the state file before the call returns. Names are compared without case, as Key Vault does.
public final class DevVaultStore: Sendable {
    private let state: Mutex<DevVaultState>
    private let file: StateFile?
    /// See ``DevVaultConfiguration/pollsUntilSettled``.
    let pollsUntilSettled: Int
    /// Faults that the server plays on demand.
    public let faults = DevVaultFaults()
    private let signer: AsymmetricKey

    /// Opens the state file, or makes it; nil keeps the state in memory.
    init(file path: String?, vaults: [String], pollsUntilSettled: Int = 0) throws(DevVaultError) {
        self.pollsUntilSettled = max(0, pollsUntilSettled)
        file = try path.map { (path) throws(DevVaultError) in try StateFile(path) }
        var state = try Self.load(file)
        for name in vaults where state.vaults[name.lowercased()] == nil { state.vaults[name.lowercased()] = Vault() }
        guard let signer = try? AsymmetricKey(privateDER: state.signingKey) else {
            throw .stateUnreadable(path: path ?? "memory", reason: "signingKey is no key")
        }
        self.signer = signer
        try file?.write(state.json.serialized())
        self.state = Mutex(state)
    }

    private static func load(_ file: StateFile?) throws(DevVaultError) -> DevVaultState {
        let path = file?.path ?? "memory"
        if let bytes = try file?.read() {
            let value: JSONValue
            do throws(JSONError) { value = try JSONValue(parsing: bytes) } catch {
                throw .stateUnreadable(path: path, reason: error.description)
            }
            guard let state = DevVaultState(json: value) else {
                throw .stateUnreadable(path: path, reason: "not a state of version 1")
            }
            return state
        }
        guard let state = try? DevVaultState() else {
            throw .stateUnwritable(path: path, reason: "OpenSSL made no key")
        }
        return state
    }

    /// The key pair that signs access tokens.
    var signingKey: AsymmetricKey { signer }

    /// Authenticates backups.
    var backupKey: [UInt8] { state.withLock { $0.backupKey } }

    /// Whether a vault of that name exists.
    func hasVault(_ name: String) -> Bool { state.withLock { $0.vaults[name.lowercased()] != nil } }

    /// Reads a vault.
    func read<Result: Sendable>(
        _ name: String, _ body: (Vault) throws(KeyVaultFault) -> Result
    ) throws(KeyVaultFault) -> Result {
        guard let vault = state.withLock({ $0.vaults[name.lowercased()] }) else { throw .vaultNotFound }
        return try body(vault)
    }

    /// Changes a vault: all of it, also in the file, or nothing.
    func update<Result: Sendable>(
        _ name: String, _ body: (inout Vault) throws(KeyVaultFault) -> Result
    ) throws(KeyVaultFault) -> Result {
        try state.withLock { (state) throws(KeyVaultFault) -> Result in
            guard var vault = state.vaults[name.lowercased()] else { throw .vaultNotFound }
            let result = try body(&vault)
            var next = state
            next.vaults[name.lowercased()] = vault
            if let file {
                do throws(DevVaultError) { try file.write(next.json.serialized()) } catch { throw .notStored }
            }
            state = next
            return result
        }
    }

    /// Counts a poll down: changes memory alone, also where the answer is an error.
    func poll<Result: Sendable>(
        _ name: String, _ body: (inout Vault) throws(KeyVaultFault) -> Result
    ) throws(KeyVaultFault) -> Result {
        try state.withLock { (state) throws(KeyVaultFault) -> Result in
            guard var vault = state.vaults[name.lowercased()] else { throw .vaultNotFound }
            defer { state.vaults[name.lowercased()] = vault }
            return try body(&vault)
        }
    }
}
