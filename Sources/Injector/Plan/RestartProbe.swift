import JSON

/// The liveness probe by which the agent has the kubelet restart a container, and what the container has in its place.
struct RestartProbe: Sendable {
    /// So often in a row the probe fails before the kubelet ends the container.
    static let failureThreshold = 6

    /// What a container has for a liveness probe, told by its shape alone.
    enum State {
        case none
        /// Ours, though perhaps with another port or other times.
        case ours
        /// Ours, as Istio rewrote it so that its own agent passes it on.
        case rewritten
        case another
    }

    let container: ContainerView
    let state: State
    /// What it should be.
    let wanted: JSONValue

    /// The probes of these containers. Linear, whatever another webhook has noted in the pod.
    static func of(_ containers: [ContainerView], in pod: PodView, port: UInt16) -> [RestartProbe] {
        let rewritten = rewrittenProbes(pod)
        return containers.map { container in
            let path = "/restart/\(container.name)"
            let wanted: JSONValue = [
                "httpGet": ["path": .string(path), "port": .number(JSONNumber(Int(port)))],
                "periodSeconds": 5, "failureThreshold": .number(JSONNumber(failureThreshold)), "timeoutSeconds": 5,
            ]
            return RestartProbe(
                container: container, state: state(container, path: path, port: port, rewritten), wanted: wanted)
        }
    }

    /// Whether a variable's value is Istio's note of the probes that it rewrote; quick.
    static func isNoteOfProbes(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.first == UInt8(ascii: "{") && text.starts(with: "{\"/app-health/".utf8)
    }

    private static func state(
        _ container: ContainerView, path: String, port: UInt16, _ rewritten: [ExactText: JSONValue]
    ) -> State {
        guard let probe = container.json["livenessProbe"], probe != .null else { return .none }
        guard let found = probe["httpGet"]?["path"]?.string else { return .another }
        if found.isSameText(as: path) { return .ours }
        guard found.isSameText(as: "/app-health/\(container.name)/livez"),
            let before = rewritten[ExactText(found)]?["httpGet"],
            before["path"]?.string?.isSameText(as: path) ?? false, before["port"]?.int == Int(port)
        else { return .another }
        return .rewritten
    }

    /// Probes as they were before Istio rewrote them, by the path that they have now
    /// (https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/).
    private static func rewrittenProbes(_ pod: PodView) -> [ExactText: JSONValue] {
        let proxy = pod.allContainers.first { $0.name == "istio-proxy" }
        let note = proxy?.environment.last { $0["name"]?.string == "ISTIO_KUBE_APP_PROBERS" }
        guard let text = note?["value"]?.string, let members = (try? JSONValue(parsing: Array(text.utf8)))?.object
        else {
            return [:]
        }
        return Dictionary(members.members.map { (ExactText($0.name), $0.value) }, uniquingKeysWith: { $1 })
    }
}
