import JSON
import SecretSpec

/// What a pod asks for, parsed once; nothing behind this point reads an annotation.
struct PodRequest {
    /// A `secret.<name>` or `template.<name>` with its `path` and `mode`.
    struct File {
        /// The whole key of the annotation.
        let key: String
        let name: String
        let content: AgentPlan.File.Content
        let path: RelativePath
        let mode: UInt32?
        /// `on-change.<name>`, or nil.
        let onChange: OnChange?

        var modeKey: String { "\(AnnotationTable.prefix)mode.\(name)" }
        var onChangeKey: String { "\(AnnotationTable.prefix)on-change.\(name)" }

        /// Whether anything in it comes from a vault.
        var holdsSecrets: Bool {
            switch content {
            case .reference: true
            case .template(let template):
                template.pieces.contains { if case .secret = $0 { true } else { false } }
            }
        }

        /// Calls `body` with each reference in turn.
        func forEachReference(_ body: (SecretReference) -> Void) {
            switch content {
            case .reference(let reference): body(reference)
            case .template(let template):
                for case .secret(let reference, _) in template.pieces { body(reference) }
            }
        }
    }

    /// An identity, whole or in part.
    struct AzureIdentity {
        var clientID: GUID?
        var tenantID: GUID?
    }

    var files: [File] = []
    var mountPath: MountPath?
    var containers: [String]?
    var refresh: RefreshInterval?
    var onRevoked: AgentPlan.OnRevoked?
    /// `on-change` without a name.
    var onChange: OnChange?
    var azure = AzureIdentity()
    /// By vault as references write it, in lower case.
    var azureByVault: [String: AzureIdentity] = [:]
    var runAsUser: UInt32?

    /// Vaults of Azure in the order of the files, in lower case, without repetition.
    var azureVaults: [String] = []

    /// Whether an identity is asked for that the pod alone does not state.
    var needsServiceAccount: Bool {
        azureVaults.contains { vault in
            let own = azureByVault.isEmpty ? nil : azureByVault[vault]
            return (own?.clientID ?? azure.clientID) == nil || (own?.tenantID ?? azure.tenantID) == nil
        }
    }
}
