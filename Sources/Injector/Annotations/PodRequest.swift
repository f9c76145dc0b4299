import JSON
import SecretSpec

/// What a pod asks for, parsed once; nothing behind this point reads an annotation.
struct PodRequest {
    /// A `secret.<name>` with its `path` and `mode`.
    struct Secret {
        let name: String
        let reference: SecretReference
        let path: RelativePath
        let mode: UInt32?

        var key: String { AnnotationTable.prefix + "secret." + name }
        var modeKey: String { "\(AnnotationTable.prefix)mode.\(name)" }
    }

    /// An identity, whole or in part.
    struct AzureIdentity {
        var clientID: GUID?
        var tenantID: GUID?
    }

    var secrets: [Secret] = []
    var mountPath: MountPath?
    var containers: [String]?
    var azure = AzureIdentity()
    /// By vault as references write it, in lower case.
    var azureByVault: [String: AzureIdentity] = [:]
    var runAsUser: UInt32?

    /// Vaults of Azure in the order of the secrets, in lower case, without repetition.
    var azureVaults: [String] = []

    /// Whether an identity is asked for that the pod alone does not state.
    var needsServiceAccount: Bool {
        azureVaults.contains { vault in
            let own = azureByVault.isEmpty ? nil : azureByVault[vault]
            return (own?.clientID ?? azure.clientID) == nil || (own?.tenantID ?? azure.tenantID) == nil
        }
    }
}
