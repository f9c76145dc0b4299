import JSON
import SecretSpec

extension Planner {
    /// The images whose commands a decision needs.
    static func images(
        _ pod: PodView, _ request: PodRequest, _ prepared: PreparedConfiguration
    ) -> [ImageQuestion] {
        guard request.hasEnvironmentSecrets || request.mayHaveHiddenReferences else { return [] }
        let account = ServiceAccount(name: ServiceAccountName(namespace: "", name: ""), annotations: [:])
        let planner = Planner(pod: pod, request: request, account: account, prepared: prepared)
        var problems: [InjectionProblem] = []
        return planner.environmentPlanner(planner.readers(&problems), [:]).plan(&problems).questions
    }

    /// What becomes of the environments; an image's command that nobody has asked for is not known.
    func environments(
        _ readers: [ContainerView], _ problems: inout [InjectionProblem]
    ) -> EnvironmentPlan {
        let first = environmentPlanner(readers, commands)
        var found: [InjectionProblem] = []
        var (plan, questions) = first.plan(&found)
        if !questions.isEmpty {
            let notAsked = Result<ImageCommand, ImageCommandFailure>.failure(
                ImageCommandFailure("the operator lets no registry be asked for it"))
            let all = commands.merging(questions.map { ($0.image, notAsked) }) { known, _ in known }
            found = []
            plan = environmentPlanner(readers, all).plan(&found).plan
        }
        problems += found
        return plan
    }

    private func environmentPlanner(
        _ readers: [ContainerView], _ commands: [String: Result<ImageCommand, ImageCommandFailure>]
    ) -> EnvironmentPlanner {
        EnvironmentPlanner(
            pod: pod, request: request, prepared: prepared, readers: readers, leading: leadingProxies.count,
            commands: commands)
    }
}
