import JSON
import SecretSpec

/// What becomes of the pod's environments.
struct EnvironmentPlan: Sendable {
    /// What becomes of one container's.
    struct Container: Sendable {
        let view: ContainerView
        let delivery: AgentPlan.Environment.Delivery
        /// Why that one, for `explain`.
        let reason: String
        /// Those of the container's own variables that are no annotation's.
        var own: [ContainerEnvironment.Variable] = []
        /// Those of the annotations.
        var added: [PodRequest.Variable] = []
        var keySets: [PodRequest.KeySet] = []
        var sources: [SourceUse] = []
        /// With ``AgentPlan/Environment/Delivery/exec``.
        var command: WrappedCommand?
    }

    var containers: [Container] = []
    /// What is mounted into the agent, by the number in the volumes' names.
    var sources: [SourceObject] = []

    /// Whether any container gets values.
    var delivers: Bool { containers.contains { $0.delivery != .none } }

    /// The containers that get values.
    var receivers: [ContainerView] { containers.filter { $0.delivery != .none }.map(\.view) }

    /// What reactions know the values by: their places, each once.
    func reactionSources() -> [String] {
        var names: [String] = []
        var seen: Set<ExactText> = []
        for container in containers where container.delivery != .none {
            let sources = container.delivery == .exec ? container.sources.map(\.object.text) : []
            let all = container.added.map(\.key) + container.own.map(\.source) + container.keySets.map(\.key) + sources
            for name in all where seen.insert(ExactText(name)).inserted { names.append(name) }
        }
        return names
    }

    /// The agent's part; nil where there is nothing to do or to look at.
    func agentPlan(_ ownership: FileOwnership) -> AgentPlan.Environments? {
        guard !containers.isEmpty else { return nil }
        let places = Dictionary(sources.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
        return AgentPlan.Environments(
            directory: PodFragments.Path.environment,
            containers: containers.map { container in
                AgentPlan.Environment(
                    container: container.view.name, delivery: container.delivery,
                    mode: container.delivery == .exec ? ownership.mode(for: container.view) : 0o400,
                    placeholders: container.delivery == .exec ? container.placeholders : [],
                    variables: container.delivery == .kubelet ? container.variables : [],
                    keySets: container.keySets.map { .init(source: $0.key, reference: $0.reference) },
                    ownNames: container.keySets.isEmpty ? [] : container.names,
                    sources: container.sources.compactMap { use in
                        places[use.object].map { place in
                            AgentPlan.Environment.Source(
                                name: use.object.text, directory: PodFragments.Path.source(place), keys: use.keys)
                        }
                    })
            })
    }
}

extension EnvironmentPlan.Container {
    /// The texts to replace, each once.
    fileprivate var placeholders: [AgentPlan.Environment.Placeholder] {
        var placeholders: [AgentPlan.Environment.Placeholder] = []
        var seen: Set<ExactText> = []
        func add(_ source: String, _ texts: [String]) {
            for text in texts where seen.insert(ExactText(text)).inserted {
                placeholders.append(.init(source: source, text: text))
            }
        }
        for variable in added { add(variable.key, variable.text.placeholders) }
        for case let variable in own {
            if case .text(let text) = variable.content { add(variable.source, text.placeholders) }
        }
        return placeholders
    }

    fileprivate var variables: [AgentPlan.Environment.Variable] {
        added.map { .init(source: $0.key, name: $0.name, value: $0.text.template) }
            + own.compactMap { variable in
                variable.template.map { .init(source: variable.source, name: variable.name, value: $0) }
            }
    }

    /// The names in the container's `env` once it is as it will be, each once.
    fileprivate var names: [String] {
        var seen: Set<ExactText> = []
        return (added.map(\.name) + view.environment.compactMap { $0["name"]?.string })
            .filter { seen.insert(ExactText($0)).inserted }
    }
}
