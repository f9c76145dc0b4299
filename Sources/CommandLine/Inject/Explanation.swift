import Injector
import JSON
import Webhook

/// The text of `latchkey explain`.
struct Explanation {
    private let injection: ManifestInjection
    private let clusterVersion: ClusterVersion

    init(_ injection: ManifestInjection, _ clusterVersion: ClusterVersion) {
        self.injection = injection
        self.clusterVersion = clusterVersion
    }

    var text: String {
        guard !injection.outcomes.isEmpty else { return "Nothing in the input makes pods.\n" }
        let paragraphs = [[cluster]] + injection.outcomes.map(paragraph)
        return paragraphs.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// Whose shape the pods get.
    private var cluster: String {
        switch clusterVersion {
        case .auto:
            "For kubelets of Kubernetes \(KubernetesVersion.nativeSidecars) and later; the cluster is not asked. For older "
                + "ones give --cluster-version."
        case .version(let version):
            "For kubelets of Kubernetes \(version), which "
                + (version.runsNativeSidecars ? "run" : "do not run") + " native sidecars."
        }
    }

    private func paragraph(_ outcome: WorkloadOutcome) -> [String] {
        var lines = [outcome.workload.title]
        switch outcome.decision {
        case .skip(let reason):
            lines.append("  Left alone: \(reason.sentence).")
        case .deny(let problems):
            lines.append("  Refused, because:")
            lines += problems.map { "  - \($0)" }
        case .inject(let plan):
            lines.append(plan.patch.isEmpty ? "  Selected, and left as it is:" : "  Rewritten:")
            lines += plan.sentences.map { "  - \($0)" }
            let additions = Additions(patch: plan.patch, pod: outcome.workload.pod).sentences
            if !additions.isEmpty {
                lines.append("  Added to the pod:")
                lines += additions.map { "  - \($0)" }
            }
        }
        if let account = outcome.account {
            lines.append(
                outcome.accountIsKnown
                    ? "  Identity: annotations of ServiceAccount \(account), which is in the input."
                    : "  Identity: ServiceAccount \(account) is not in the input, so its annotations are not known "
                        + "here; give its manifest with --service-account-file.")
        }
        lines += outcome.warnings.map { "  Warning: \($0)" }
        return lines
    }
}
