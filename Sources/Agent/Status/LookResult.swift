import SecretSpec
import VaultClient

/// What a look found and what came of it.
struct LookResult {
    /// One object of it.
    struct Finding {
        let reference: SecretReference
        let sources: [String]
        /// The version that the files were made of, or would have been.
        let version: String?
        var error: VaultError?
    }

    private(set) var findings: [Finding]
    /// Whether the files in the volume are made of it.
    let isPublished: Bool
    let removesRevoked: Bool
    /// Whose files and values stayed as they were, because an object that they need is revoked.
    let carried: Set<String>
    /// Why not, where that is no object's fault.
    let fault: StatusReport.Fault?

    init(
        _ snapshot: SecretSnapshot, isPublished: Bool, removesRevoked: Bool = false, carried: Set<String> = [],
        fault: StatusReport.Fault? = nil,
        failures: [ResolveFailure] = []
    ) {
        findings = snapshot.objects.map {
            Finding(reference: $0.reference, sources: $0.sources, version: $0.version, error: $0.error)
        }
        self.isPublished = isPublished
        self.removesRevoked = removesRevoked
        self.carried = carried
        self.fault = fault
        for failure in failures {
            // A field that is gone, or a content of another form: the vault answered, and the object is to blame.
            let index =
                findings.firstIndex { $0.reference.object == failure.reference.object }
                ?? findings.firstIndex { $0.sources.contains(failure.source) }
            if let index, findings[index].error == nil { findings[index].error = failure.error }
        }
    }
}
