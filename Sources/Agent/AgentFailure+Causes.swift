import SecretSpec
import VaultClient

extension AgentFailure {
    /// Nothing could be fetched: every failure's sentence, with who asked for what.
    init(_ failures: ResolveFailures) {
        let codes = failures.all.map { ExitCode($0.error) }
        // What only a person can mend comes before what may pass.
        let code = [.plan, .identity, .refused].first { codes.contains($0) } ?? .unavailable
        self.init(code, failures.all.map { "\($0)" })
    }

    /// The set could not be published.
    init(_ error: WriteError, plan: AgentPlan) {
        if case .conflict(let conflict) = error {
            self.init(conflict, plan: plan)
        } else {
            self.init(.write, "\(error)")
        }
    }

    /// Two files have one path: names the annotations.
    init(_ conflict: PathConflict, plan: AgentPlan) {
        var sources: [String] = []
        for source in plan.sources(of: conflict.file) + plan.sources(of: conflict.other)
        where !sources.contains(source) {
            sources.append(source)
        }
        self.init(
            .plan,
            "\(sources.joined(separator: " and ")): \(conflict); give one of them another path with latchkey.dev/path.<name>"
        )
    }
}
