import Webhook

/// Why a command cannot begin: one sentence, or one per line.
struct InputProblem: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What a command about manifests works on.
struct ManifestInput {
    let manifest: Manifest
    let injection: ManifestInjection
    /// Whose shape the pods have got.
    let clusterVersion: ClusterVersion
}
