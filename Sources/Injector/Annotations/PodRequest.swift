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

    /// An `env.<NAME>`.
    struct Variable {
        /// The whole key of the annotation.
        let key: String
        let name: String
        let text: EnvironmentText
    }

    /// An `env-from.<name>`.
    struct KeySet {
        /// The whole key of the annotation.
        let key: String
        /// It ends in `#*`.
        let reference: SecretReference
    }

    /// Whether the pod says `inject: "true"`, in an annotation or a label.
    var isExplicit = false
    var files: [File] = []
    /// By name.
    var variables: [Variable] = []
    /// By name.
    var keySets: [KeySet] = []
    var delivery: EnvironmentChoice?
    /// What containers have in their environments already that concerns us, those of init containers first.
    var environments: [ContainerEnvironment] = []
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

    /// Whether the pod wants what its ConfigMaps and Secrets bring into environments to be resolved.
    var resolvesSources: Bool { isExplicit || delivery != nil }

    /// Whether a ConfigMap or Secret may bring references that are resolved, and of whichever vault.
    var mayHaveHiddenReferences: Bool {
        let all = resolvesSources || !variables.isEmpty || !keySets.isEmpty
        return environments.contains { !$0.sources.isEmpty && (all || !$0.variables.isEmpty) }
    }

    /// Whether any environment has a secret that can be seen.
    var hasEnvironmentSecrets: Bool {
        !variables.isEmpty || !keySets.isEmpty || environments.contains { !$0.variables.isEmpty }
    }

    /// Whether anything at all is to be fetched, or may be.
    var holdsSecrets: Bool {
        files.contains(where: \.holdsSecrets) || hasEnvironmentSecrets || mayHaveHiddenReferences
    }

    /// Calls `body` with each reference that can be seen, and the annotation or field that holds it.
    func forEachReference(_ body: (SecretReference, String) -> Void) {
        for file in files { file.forEachReference { body($0, file.key) } }
        for variable in variables {
            for reference in variable.text.template.references { body(reference, variable.key) }
        }
        for set in keySets { body(set.reference, set.key) }
        for environment in environments {
            for variable in environment.variables {
                for reference in variable.template?.references ?? [] { body(reference, variable.key) }
            }
        }
    }

    /// Whether an identity is asked for that the pod alone does not state.
    var needsServiceAccount: Bool {
        if mayHaveHiddenReferences, azure.clientID == nil || azure.tenantID == nil { return true }
        return azureVaults.contains { vault in
            let own = azureByVault.isEmpty ? nil : azureByVault[vault]
            return (own?.clientID ?? azure.clientID) == nil || (own?.tenantID ?? azure.tenantID) == nil
        }
    }
}
