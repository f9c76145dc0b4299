import Injector
import JSON

/// What is done about one workload's pods.
struct WorkloadOutcome {
    let workload: Workload
    /// The ServiceAccount that the decision needed; nil where it needed none.
    let account: ServiceAccountName?
    /// Whether that ServiceAccount is among the input.
    let accountIsKnown: Bool
    let decision: InjectionDecision
    /// What the author of the manifest should know though nothing is wrong.
    let warnings: [String]

    /// The patch against the workload's document; nil where the pod template stays as it is.
    var patch: JSONPatch? {
        guard case .inject(let plan) = decision, !plan.patch.isEmpty else { return nil }
        return plan.patch.below(workload.template)
    }

    /// One line for each reason to refuse the workload.
    var problems: [String] {
        guard case .deny(let problems) = decision else { return [] }
        let hint =
            account.map { account in
                accountIsKnown || !problems.contains { $0.kind == .identity }
                    ? []
                    : [
                        "ServiceAccount \(account) is not in the input; if it exists in the cluster, give its manifest "
                            + "with --service-account-file"
                    ]
            } ?? []
        return (problems.map(\.description) + hint).map { "\(workload.title): \($0)" }
    }
}
