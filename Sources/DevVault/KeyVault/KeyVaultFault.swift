/// An error answer of the Key Vault data plane: `{"error":{"code","message","innererror":{"code"}}}`.
public struct KeyVaultFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// HTTP's status.
    public let status: Int
    /// E.g. `SecretNotFound`.
    public let code: String
    /// The service's sentence. Names objects, never values.
    public let message: String
    /// E.g. `SecretDisabled`.
    public let innerCode: String?

    init(_ status: Int, _ code: String, _ message: String, inner: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        innerCode = inner
    }

    /// Code and sentence.
    public var description: String { "\(code): \(message)" }

    static func badParameter(_ message: String) -> KeyVaultFault { KeyVaultFault(400, "BadParameter", message) }

    static func notFound(_ kind: ObjectKind, _ name: String) -> KeyVaultFault {
        KeyVaultFault(
            404, "\(kind.noun)NotFound",
            "A \(kind.word) with (name/id) \(name) was not found in this key vault. If you recently deleted this "
                + "\(kind.word) you may be able to recover it using the correct recovery command. For help resolving "
                + "this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182")
    }

    static func deletedNotFound(_ kind: ObjectKind, _ name: String) -> KeyVaultFault {
        KeyVaultFault(404, "\(kind.noun)NotFound", "Deleted \(kind.noun) not found: \(name)")
    }

    static func beingDeleted(_ kind: ObjectKind, _ name: String) -> KeyVaultFault {
        KeyVaultFault(
            409, "Conflict", "\(kind.noun) \(name) is currently being deleted and cannot be re-created; retry later.",
            inner: "ObjectIsBeingDeleted")
    }

    static func beingRecovered(_ kind: ObjectKind, _ name: String) -> KeyVaultFault {
        KeyVaultFault(
            409, "Conflict", "\(kind.noun) \(name) is currently being recovered; retry later.",
            inner: "ObjectIsBeingRecovered")
    }

    static func deletedButRecoverable(_ kind: ObjectKind, _ name: String) -> KeyVaultFault {
        KeyVaultFault(
            409, "Conflict",
            "\(kind.noun) \(name) is currently in a deleted but recoverable state, and its name cannot be reused; in "
                + "this state, the \(kind.word) can only be recovered or purged.",
            inner: "ObjectIsDeletedButRecoverable")
    }

    static func disabled(_ kind: ObjectKind, _ operation: String) -> KeyVaultFault {
        KeyVaultFault(
            403, "Forbidden", "Operation \(operation) is not allowed on a disabled \(kind.word).",
            inner: "\(kind.noun)Disabled")
    }

    static let vaultNotFound = KeyVaultFault(404, "VaultNotFound", "The dev vault serves no vault of that name.")
    static let notStored = KeyVaultFault(500, "InternalServerError", "The dev vault could not write its state file.")
    static let cryptography = KeyVaultFault(500, "InternalServerError", "The dev vault could not make the key.")
}
