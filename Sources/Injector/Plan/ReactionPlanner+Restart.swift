import JSON
import SecretSpec

extension ReactionPlanner {
    /// By the liveness probes of the containers, or where one has its own, by SIGTERM.
    func restart(_ decision: inout Decision) throws(Refusal) -> AgentPlan.Action {
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
        let probes = RestartProbe.of(containers, in: pod, port: port ?? prepared.configuration.agentPort)
        guard let port else { return try restartBySignal(probes, noPort) }
        if let obstacle = obstacle(in: probes) { return try restartBySignal(probes, obstacle) }
        if let mesh = MeshPorts.catching(port, in: pod) {
            throw Refusal(
                message: "the mesh's proxy \(mesh.proxy) would catch the liveness probes to port \(port), by which the "
                    + "agent has containers restarted; add the annotation \(mesh.annotation): \"\(port)\"")
        }
        decision.port = port
        decision.probes = probes
        return .restartByProbe(containers: containers.map(\.name), failures: RestartProbe.failureThreshold)
    }

    private var noPort: Obstacle {
        pod.usesHostNetwork
            ? Obstacle(
                what: "on the node's network (hostNetwork) the agent opens no port", remedy: "take hostNetwork out")
            : Obstacle(
                what: "the containers declare every port from \(prepared.configuration.agentPort) on",
                remedy: "free one")
    }

    private func obstacle(in probes: [RestartProbe]) -> Obstacle? {
        guard let other = probes.first(where: { $0.state == .another }) else { return nil }
        return Obstacle(
            what: "container \"\(Shown.text(other.container.name))\" has a livenessProbe of its own",
            remedy: "remove it, or leave the container out with \(AnnotationTable.prefix)containers")
    }

    /// - Parameter obstacle: why the liveness probe is no way.
    private func restartBySignal(
        _ probes: [RestartProbe], _ obstacle: Obstacle
    ) throws(Refusal) -> AgentPlan.Action {
        var second: Obstacle?
        if !pod.restartsAlways {
            second = Obstacle(
                what: "the pod's restartPolicy is \(Shown.text(pod.restartPolicy)), so that a container that ends well "
                    + "is not started again",
                remedy: "take restartPolicy Always")
        } else if let ours = probes.first(where: { $0.state == .ours || $0.state == .rewritten }) {
            // The agent would not answer it. Seen only where a container came after the pod's first admission.
            second = Obstacle(
                what: "container \"\(Shown.text(ours.container.name))\" has the agent's liveness probe already",
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
}
