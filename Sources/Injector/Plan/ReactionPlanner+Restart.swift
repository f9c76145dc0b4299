import JSON
import SecretSpec

extension ReactionPlanner {
    /// By the liveness probes of the containers, or where one has its own, by SIGTERM.
    func restart(_ decision: inout Decision) throws(Refusal) -> AgentPlan.Action {
        let containers = restartable
        guard !containers.isEmpty else { throw noReaders }
        if let dead = containers.first(where: { pod.restartPolicy(of: $0) == "Never" }) {
            throw Refusal(
                message:
                    "\(policyOwner(dead)) restartPolicy is Never, so that a container that has ended is not started "
                    + "again; take restartPolicy Always or OnFailure, or let the application reload by a signal"
                    + alternative)
        }
        let port = decision.port ?? freePort()
        let probes = RestartProbe.of(containers, in: pod, port: port ?? prepared.configuration.agentPort)
        guard let port else { return try restartBySignal(noPort) }
        if let obstacle = obstacle(in: probes, port) { return try restartBySignal(obstacle) }
        if (request.onRevoked ?? prepared.configuration.onRevoked) == .fail {
            return try restartBySignal(nobodyAnswers)
        }
        if let mesh = MeshPorts.catching(port, in: pod) {
            throw Refusal(
                message: "the mesh's proxy \(mesh.proxy) would catch the liveness probes to port \(port), by which the "
                    + "agent has containers restarted; add the annotation \(mesh.annotation): \"\(port)\"")
        }
        decision.port = port
        decision.probes = probes
        return .restartByProbe(containers: containers.map(\.name), windowSeconds: RestartProbe.windowSeconds)
    }

    /// In the pod's order, so that the probes are the same at every admission.
    var restartable: [ContainerView] {
        let without = environments.delivers ? lastingWithoutFiles : []
        guard !without.isEmpty else { return lasting }
        let all = Set((lasting + without).map(ObjectIdentifier.init))
        return pod.allContainers.filter { all.contains(ObjectIdentifier($0)) }
    }

    private var noPort: Obstacle {
        pod.usesHostNetwork
            ? Obstacle(
                what: "on the node's network (hostNetwork) the agent opens no port", remedy: "take hostNetwork out")
            : Obstacle(
                what: "the containers declare every port from \(prepared.configuration.agentPort) on",
                remedy: "free one")
    }

    /// The kubelet would take an agent that has ended for one that wants the restart.
    private var nobodyAnswers: Obstacle {
        let key = "\(AnnotationTable.prefix)on-revoked"
        let isStated = request.onRevoked != nil
        return Obstacle(
            what: (isStated ? "under \(key): fail" : "under on-revoked: fail, the operator's default,")
                + " the agent ends until a revoked secret is back, nothing answers the probe, and the kubelet would end "
                + "the application over and over",
            remedy: isStated ? "take \(key): keep or remove" : "add \(key): keep or remove")
    }

    private func obstacle(in probes: [RestartProbe], _ port: UInt16) -> Obstacle? {
        let listener = pod.allContainers.first { !$0.isAgent && $0.ports.contains(Int(port)) }
        for probe in probes {
            let name = "container \"\(Shown.text(probe.container.name))\""
            switch probe.state {
            case .none, .ours: continue
            case .rewritten(port):
                guard let listener else { continue }
                return Obstacle(
                    what: "Istio rewrote the agent's liveness probe of \(name) for port \(port), which container "
                        + "\"\(Shown.text(listener.name))\" listens on as well",
                    remedy: "let that one listen elsewhere")
            case .rewritten(let other):
                return Obstacle(
                    what: "Istio rewrote the agent's liveness probe of \(name) for port \(other) and not \(port)",
                    remedy: "create the pod without liveness probes of the agent's")
            case .another:
                return Obstacle(
                    what: "\(name) has a livenessProbe of its own",
                    remedy: "remove it, or leave the container out with \(AnnotationTable.prefix)containers")
            }
        }
        return nil
    }

    /// - Parameter obstacle: why the liveness probe is no way.
    private func restartBySignal(_ obstacle: Obstacle) throws(Refusal) -> AgentPlan.Action {
        var second: Obstacle?
        if let ending = lasting.first(where: { pod.restartPolicy(of: $0) != "Always" }) {
            second = Obstacle(
                what: "\(policyOwner(ending)) restartPolicy is \(Shown.text(pod.restartPolicy(of: ending))), so that a "
                    + "container that ends well is not started again",
                remedy: "take restartPolicy Always")
        } else if environments.delivers, let other = lastingWithoutFiles.first {
            second = Obstacle(
                what:
                    "container \"\(Shown.text(other.name))\" has secrets in its environment alone, and the agent finds "
                    + "the processes to signal by the files",
                remedy: "let it mount a secret.<name> as well")
        } else {
            second = obstacleToSignals()
        }
        guard let second else { return .restartBySignal(graceSeconds: pod.terminationGraceSeconds) }
        throw Refusal(
            message: "a restart by a liveness probe that the agent answers cannot be: \(obstacle.what); "
                + "\(obstacle.remedy); a restart by SIGTERM cannot be either: \(second.what); \(second.remedy)"
                + alternative)
    }

    private func policyOwner(_ container: ContainerView) -> String {
        container.restartPolicy == nil ? "the pod's" : "container \"\(Shown.text(container.name))\"'s"
    }
}
