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

    /// What was decided.
    struct Decision: Sendable {
        var reactions: [AgentPlan.Reaction] = []
        /// Where the agent listens; nil where nothing needs it to.
        var port: UInt16?
        /// The liveness probes by which the agent restarts containers.
        var probes: [RestartProbe] = []
    }

    /// The reactions in the order of the files; one for all files that want the same.
    func decide(_ problems: inout [InjectionProblem]) -> Decision {
        var decision = Decision()
        if prepared.configuration.agentServesMetrics { decision.port = freePort() }
        let wishes = wishes(&problems)
        guard !wishes.isEmpty else { return decision }
        for wish in wishes {
            do throws(Refusal) {
                let action = try action(wish.choice, &decision)
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
        return wishes
    }

    private func action(_ choice: OnChange, _ decision: inout Decision) throws(Refusal) -> AgentPlan.Action {
        switch choice {
        case .none: throw Refusal(message: "there is nothing to do")
        case .request(let request): return .request(request)
        case .signal(let signal):
            if lasting.isEmpty { throw noReaders }
            if let obstacle = obstacleToSignals() {
                throw Refusal(
                    message: "\(signal) cannot be sent: \(obstacle.what); \(obstacle.remedy); or let the application "
                        + "reload by \(Self.requestForm)")
            }
            return .signal(signal)
        case .restart: return try restart(&decision)
        }
    }

    // MARK: Containers

    /// The containers with the files that go on running.
    var lasting: [ContainerView] { readers.filter(isLasting) }

    func isLasting(_ container: ContainerView) -> Bool {
        container.list == "containers" || prepared.configuration.nativeSidecars && container.isNativeSidecar
    }

    var noReaders: Refusal {
        Refusal(
            message:
                "no container that goes on running gets the files; name one in \(AnnotationTable.prefix)containers, "
                + "or remove this annotation")
    }

    // MARK: Port

    /// The configured port or the next one that no container says it listens on; none on the node's own network.
    func freePort() -> UInt16? {
        guard !pod.usesHostNetwork else { return nil }
        let taken = Set(pod.allContainers.filter { !$0.isAgent }.flatMap(\.ports))
        return (prepared.configuration.agentPort...UInt16.max).first { !taken.contains(Int($0)) }
    }
}
