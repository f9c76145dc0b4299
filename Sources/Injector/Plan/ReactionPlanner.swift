import JSON
import SecretSpec

/// Holds what a pod wants to happen after a change against what can happen in it. What cannot is a problem with its
/// remedy: nothing is accepted and then not done.
struct ReactionPlanner {
    let pod: PodView
    let request: PodRequest
    /// The containers with the files, in the order that `ownership` has them.
    let readers: [ContainerView]
    let ownership: FileOwnership
    let prepared: PreparedConfiguration
    let environments: EnvironmentPlan

    /// What was decided.
    struct Decision: Sendable {
        var reactions: [AgentPlan.Reaction] = []
        /// Where the agent listens; nil where nothing needs it to.
        var port: UInt16?
        /// The liveness probes by which the agent restarts containers.
        var probes: [RestartProbe] = []
        /// The names of the containers with the files that go on running.
        var lasting: [String] = []
    }

    /// The reactions in the order of the files; one for all files that want the same.
    func decide(_ problems: inout [InjectionProblem]) -> Decision {
        var decision = Decision()
        if prepared.configuration.agentServesMetrics { decision.port = freePort() }
        let wishes = wishes(&problems)
        guard !wishes.isEmpty else { return decision }
        decision.lasting = lasting.map(\.name)
        for wish in wishes {
            do throws(Refusal) {
                guard let action = try action(wish.choice, &decision) else { continue }
                decision.reactions.append(AgentPlan.Reaction(sources: wish.sources, action: action))
            } catch {
                problems.append(InjectionProblem(kind: .unsupported, key: wish.key, message: error.message))
            }
        }
        return decision
    }

    /// Why a choice cannot work, and what can.
    struct Refusal: Error {
        let message: String
    }

    private struct Wish {
        let choice: OnChange
        /// The annotation that says so first.
        let key: String
        var sources: [String]
    }

    private func wishes(_ problems: inout [InjectionProblem]) -> [Wish] {
        var wishes: [Wish] = []
        let environment = request.onChange == .restart ? environments.reactionSources() : []
        guard request.onChange != nil || request.files.contains(where: { $0.onChange != nil }) else { return [] }
        var places: [OnChange: Int] = [:]
        for file in request.files {
            guard let choice = file.onChange ?? request.onChange, choice != .none else { continue }
            guard file.holdsSecrets else {
                if file.onChange != nil {
                    problems.append(
                        InjectionProblem(
                            kind: .unsupported, key: file.onChangeKey,
                            message: "\(file.key) holds nothing from a vault and never changes; remove this annotation")
                    )
                }
                continue
            }
            if let place = places[choice] {
                wishes[place].sources.append(file.key)
            } else {
                places[choice] = wishes.count
                let key = file.onChange == nil ? "\(AnnotationTable.prefix)on-change" : file.onChangeKey
                wishes.append(Wish(choice: choice, key: key, sources: [file.key]))
            }
        }
        guard !environment.isEmpty else { return wishes }
        if let place = places[.restart] {
            wishes[place].sources += environment
        } else {
            wishes.append(
                Wish(choice: .restart, key: "\(AnnotationTable.prefix)on-change", sources: environment))
        }
        return wishes
    }

    /// Nil where nothing is to be done.
    private func action(_ choice: OnChange, _ decision: inout Decision) throws(Refusal) -> AgentPlan.Action? {
        switch choice {
        case .none: return nil
        case .request(let request):
            guard !pod.usesHostNetwork else {
                throw Refusal(
                    message:
                        "the pod is on the node's network (hostNetwork), whose loopback is the node's: the request "
                        + "could reach anything that runs there; take hostNetwork out, or let the application be "
                        + "signalled, or watch its files")
            }
            return .request(request)
        case .signal(let signal):
            if lasting.isEmpty { throw noReaders }
            if let obstacle = obstacleToSignals() {
                throw Refusal(
                    message: "\(signal) cannot be sent: \(obstacle.what); \(obstacle.remedy)\(alternative)")
            }
            return .signal(signal)
        case .restart: return try restart(&decision)
        }
    }

    // MARK: Containers

    /// The containers with the files that go on running.
    var lasting: [ContainerView] { readers.filter(isLasting) }

    /// The containers with secrets in their environment and without files that go on running.
    var lastingWithoutFiles: [ContainerView] {
        environments.receivers.filter { container in isLasting(container) && !readers.contains { $0 === container } }
    }

    func isLasting(_ container: ContainerView) -> Bool {
        container.list == "containers" || prepared.configuration.nativeSidecars && container.isNativeSidecar
    }

    var noReaders: Refusal {
        Refusal(
            message:
                "no container that goes on running gets the secrets; name one in \(AnnotationTable.prefix)containers, "
                + "or remove this annotation")
    }

    // MARK: Port

    /// The configured port or the next one that no container says it listens on; none on the node's own network.
    /// A port of probes that Istio rewrote is kept, as nobody could change it in Istio's note any more.
    func freePort() -> UInt16? {
        guard !pod.usesHostNetwork else { return nil }
        if let port = RestartProbe.rewrittenPort(of: restartable, in: pod) { return port }
        let taken = Set(pod.allContainers.filter { !$0.isAgent }.flatMap { $0.ports + $0.probedPorts })
        return (prepared.configuration.agentPort...UInt16.max).first { !taken.contains(Int($0)) }
    }
}
