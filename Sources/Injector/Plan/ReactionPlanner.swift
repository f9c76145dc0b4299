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
    let configuration: InjectorConfiguration

    /// What was decided.
    struct Decision: Sendable {
        var reactions: [AgentPlan.Reaction] = []
        /// Where the agent listens; nil where nothing needs it to.
        var port: UInt16?
        /// The containers that the agent restarts by their liveness probes.
        var probed: [ContainerView] = []
    }

    /// The reactions in the order of the files; one for all files that want the same.
    func decide(_ problems: inout [InjectionProblem]) -> Decision {
        var decision = Decision()
        if configuration.agentServesMetrics { decision.port = freePort() }
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
    private var lasting: [ContainerView] { readers.filter(isLasting) }

    private func isLasting(_ container: ContainerView) -> Bool {
        container.list == "containers" || configuration.nativeSidecars && container.isNativeSidecar
    }

    private var noReaders: Refusal {
        Refusal(
            message:
                "no container that goes on running gets the files; name one in \(AnnotationTable.prefix)containers, "
                + "or remove this annotation")
    }

    static let requestForm = "an HTTP request, [METHOD ]http://127.0.0.1:PORT/path"

    struct Obstacle {
        let what: String
        let remedy: String
    }

    /// Why the agent may not signal the main processes of all containers with the files; nil where it may.
    func obstacleToSignals() -> Obstacle? {
        guard pod.sharesProcessNamespace else {
            return Obstacle(
                what: "the pod's containers share no process namespace"
                    + (pod.usesHostPID ? " of their own (hostPID is the node's)" : ""),
                remedy: pod.usesHostPID
                    ? "take shareProcessNamespace: true instead of hostPID"
                    : "add shareProcessNamespace: true to the pod's spec")
        }
        let found = zip(readers, ownership.readers).first { container, reader in
            isLasting(container) && (reader.uid == nil || reader.uid != ownership.uid)
        }
        guard let (_, reader) = found else { return nil }
        let leaveOut = "or leave it out with \(AnnotationTable.prefix)containers"
        let name = "container \"\(Shown.text(reader.name))\""
        guard let uid = reader.uid else {
            return Obstacle(
                what: "\(name) runs as a user that its image decides, and only the same user may signal it",
                remedy:
                    "state securityContext.runAsUser in the pod, or \(AnnotationTable.prefix)run-as-user: \"<uid>\", "
                    + leaveOut)
        }
        let agent = ownership.uid.map { "uid \($0)" } ?? "its image's user"
        return Obstacle(
            what: "\(name) runs as uid \(uid) and the agent as \(agent), and only the same user may signal it",
            remedy: "give the containers with the files one runAsUser, \(leaveOut)")
    }

    // MARK: Restart

    private func restart(_ decision: inout Decision) throws(Refusal) -> AgentPlan.Action {
        guard pod.restartPolicy != "Never" else {
            throw Refusal(
                message: "the pod's restartPolicy is Never, so that a container that has ended is not started again; "
                    + "take restartPolicy Always or OnFailure, or let the application reload by a signal or by "
                    + Self.requestForm)
        }
        // A mesh's proxy gets the files like any container, but has no use for a restart.
        let containers = lasting.filter { !MeshPorts.isProxy($0) }
        guard !containers.isEmpty else { throw noReaders }
        let port = decision.port ?? freePort()
        let states = containers.map { ($0, RestartProbe.state(of: $0, in: pod, port: port ?? configuration.agentPort)) }
        guard let port else { return try restartBySignal(states, noPort) }
        if let obstacle = obstacleToProbes(states) { return try restartBySignal(states, obstacle) }
        if let mesh = MeshPorts.catching(port, in: pod) {
            throw Refusal(
                message: "the mesh's proxy \(mesh.proxy) would catch the liveness probes to port \(port), by which the "
                    + "agent has containers restarted; add the annotation \(mesh.annotation): \"\(port)\"")
        }
        decision.port = port
        decision.probed = containers
        return .restartByProbe(containers: containers.map(\.name), failures: RestartProbe.failureThreshold)
    }

    private var noPort: Obstacle {
        pod.usesHostNetwork
            ? Obstacle(
                what: "on the node's network (hostNetwork) the agent opens no port", remedy: "take hostNetwork out")
            : Obstacle(what: "the containers declare every port from \(configuration.agentPort) on", remedy: "free one")
    }

    private func obstacleToProbes(_ states: [(ContainerView, RestartProbe.State)]) -> Obstacle? {
        guard let (container, _) = states.first(where: { $0.1 == .another }) else { return nil }
        return Obstacle(
            what: "container \"\(Shown.text(container.name))\" has a livenessProbe of its own",
            remedy: "remove it, or leave the container out with \(AnnotationTable.prefix)containers")
    }

    /// - Parameter obstacle: why the liveness probe is no way.
    private func restartBySignal(
        _ states: [(ContainerView, RestartProbe.State)], _ obstacle: Obstacle
    ) throws(Refusal) -> AgentPlan.Action {
        var second: Obstacle?
        if !pod.restartsAlways {
            second = Obstacle(
                what: "the pod's restartPolicy is \(Shown.text(pod.restartPolicy)), so that a container that ends well "
                    + "is not started again",
                remedy: "take restartPolicy Always")
        } else if let probed = states.first(where: { $0.1 == .ours || $0.1 == .rewritten })?.0 {
            // The agent would not answer it. Seen only where a container came after the pod's first admission.
            second = Obstacle(
                what: "container \"\(Shown.text(probed.name))\" has the agent's liveness probe already",
                remedy: "leave out what came later")
        } else {
            second = obstacleToSignals()
        }
        guard let second else { return .restartBySignal(graceSeconds: pod.terminationGraceSeconds) }
        throw Refusal(
            message: "a restart by a liveness probe that the agent answers cannot be: \(obstacle.what); "
                + "\(obstacle.remedy); a restart by SIGTERM cannot be either: \(second.what); \(second.remedy); "
                + "or let the application reload by \(Self.requestForm)")
    }

    // MARK: Port

    /// The configured port or the next one that no container says it listens on; none on the node's own network.
    private func freePort() -> UInt16? {
        guard !pod.usesHostNetwork else { return nil }
        let taken = Set(pod.allContainers.filter { !$0.isAgent }.flatMap(\.ports))
        return (configuration.agentPort...UInt16.max).first { !taken.contains(Int($0)) }
    }
}
