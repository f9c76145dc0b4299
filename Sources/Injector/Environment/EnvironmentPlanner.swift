import JSON
import SecretSpec

/// Decides how secrets get into each container's environment. What cannot be is a problem with its remedy: no container
/// starts with a reference in the place of a value.
struct EnvironmentPlanner {
    let pod: PodView
    let request: PodRequest
    let prepared: PreparedConfiguration
    /// The containers that the annotations are for.
    let readers: [ContainerView]
    /// How many init containers start before the agent.
    let leading: Int
    /// By the image as containers state it; what is not in it was not asked.
    let commands: [String: Result<ImageCommand, ImageCommandFailure>]

    /// What was decided. The questions are those of images that `commands` does not have.
    func plan(_ problems: inout [InjectionProblem]) -> (plan: EnvironmentPlan, questions: [ImageQuestion]) {
        var plan = EnvironmentPlan()
        var questions: [ImageQuestion] = []
        guard request.hasEnvironmentSecrets || !request.environments.isEmpty else { return (plan, questions) }
        guard isWithinBounds(&problems) else { return (plan, questions) }
        var asked: Set<ExactText> = []
        let added = Dictionary(request.variables.map { (ExactText($0.name), $0) }, uniquingKeysWith: { $1 })
        var environments = request.environments[...]
        var reading = readers[...]
        for (place, container) in pod.allContainers.filter({ !$0.isAgent }).enumerated() {
            var needs = Needs(container: container)
            if reading.first === container {
                reading.removeFirst()
                needs.added = request.variables
                needs.keySets = request.keySets
                problems += conflicts(container, added)
            }
            if let environment = environments.first, environment.isOf(container) {
                environments.removeFirst()
                needs.own = environment.variables.filter { variable in
                    let annotation = needs.added.isEmpty ? nil : added[ExactText(variable.name)]
                    return !(annotation.map(variable.isAdded) ?? false)
                }
                needs.sources = environment.sources
            }
            guard needs.hasSecrets || !needs.sources.isEmpty else { continue }
            let isEarly = container.list == "initContainers" && place < leading
            let unusable = unusable(needs, isEarly: isEarly)
            guard unusable.isEmpty else {
                problems += unusable
                continue
            }
            switch isEarly ? .check(reason: "it starts before the agent") : way(needs) {
            case .exec(let command, let reason):
                problems += DollarSigns.problems(of: needs)
                plan.containers.append(needs.planned(.exec, reason, command))
            case .kubelet(let reason): plan.containers.append(needs.planned(.kubelet, reason))
            case .check(let reason): plan.containers.append(needs.planned(.none, reason))
            case .refused(let problem): problems.append(problem)
            case .ask(let image):
                guard asked.insert(ExactText(image)).inserted else { continue }
                questions.append(
                    ImageQuestion(image: image, container: container.name, architectures: pod.architectures))
            }
        }
        plan.sources = sources(plan.containers)
        return (plan, questions)
    }

    /// What one container needs.
    struct Needs {
        let container: ContainerView
        var own: [ContainerEnvironment.Variable] = []
        var added: [PodRequest.Variable] = []
        var keySets: [PodRequest.KeySet] = []
        var sources: [SourceUse] = []

        /// Whether it has secrets that can be seen; what its sources bring cannot.
        var hasSecrets: Bool { !own.isEmpty || !added.isEmpty || !keySets.isEmpty }

        func planned(
            _ delivery: AgentPlan.Environment.Delivery, _ reason: String, _ command: WrappedCommand? = nil
        ) -> EnvironmentPlan.Container {
            EnvironmentPlan.Container(
                view: container, delivery: delivery, reason: reason, own: own, added: added, keySets: keySets,
                sources: sources, command: command)
        }
    }

    /// More variables of annotations than these are not written into a pod, each counted once for each container: nothing
    /// else grows with both.
    private static let maximumAdded = 4096

    private func isWithinBounds(_ problems: inout [InjectionProblem]) -> Bool {
        let each = request.variables.count + request.keySets.count
        guard each > 0, readers.count > Self.maximumAdded / each else { return true }
        problems.append(
            InjectionProblem(
                kind: .unsupported, key: "\(AnnotationTable.prefix)containers",
                message: "\(each) variables for \(readers.count) containers are more than \(Self.maximumAdded) in all; "
                    + "name the containers that need them, or take \(AnnotationTable.prefix)env-from.<name>"))
        return false
    }

    /// Each ConfigMap and Secret once, in the containers' order.
    private func sources(_ containers: [EnvironmentPlan.Container]) -> [SourceObject] {
        var seen: Set<SourceObject> = []
        return containers.flatMap(\.sources).map(\.object).filter { seen.insert($0).inserted }
    }

    // MARK: Problems

    /// Variables that the container and an annotation define; one that has the annotation's shape has been added before.
    private func conflicts(
        _ container: ContainerView, _ added: [ExactText: PodRequest.Variable]
    ) -> [InjectionProblem] {
        guard !added.isEmpty else { return [] }
        var seen: Set<ExactText> = []
        return container.environment.compactMap { entry in
            let name = ExactText(entry["name"]?.string ?? "")
            guard let variable = added[name] else { return nil }
            if EnvironmentPatch.isAdded(entry, variable, to: container), seen.insert(name).inserted { return nil }
            return InjectionProblem(
                kind: .conflict, key: variable.key,
                message:
                    "container \"\(Shown.text(container.name))\" defines \(variable.name) itself; remove one of the "
                    + "two, or leave the container out with \(AnnotationTable.prefix)containers")
        }
    }

    private func unusable(_ needs: Needs, isEarly: Bool) -> [InjectionProblem] {
        needs.own.compactMap { variable in
            if isEarly {
                return InjectionProblem(
                    kind: .unsupported, key: variable.key,
                    message:
                        "container \"\(Shown.text(needs.container.name))\" starts before the agent and cannot get a "
                        + "secret; give it none")
            }
            guard case .file(nil) = variable.content else { return nil }
            return InjectionProblem(
                kind: .conflict, key: variable.key,
                message: "it takes its value from the volume \(PodFragments.Name.environment), and nothing in the pod "
                    + "says which secret that is; state the reference as its value")
        }
    }
}
