import SecretSpec
import VaultClient

extension Template {
    /// The same for bytes that may be secret.
    static func mayHoldReference(_ bytes: SecretBytes) -> Bool {
        bytes.withUnsafeBytes { bytes in bytes.withMemoryRebound(to: UInt8.self) { mayHoldReference($0) } }
    }
}
