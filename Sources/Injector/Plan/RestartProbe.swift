import JSON

/// The liveness probe by which the agent has the kubelet restart a container: its form, and where a container has it
/// already.
enum RestartProbe {
    /// So often in a row the probe fails before the kubelet ends the container.
    static let failureThreshold = 6

    private static let proberVariable = "ISTIO_KUBE_APP_PROBERS"

    /// What a container has for a liveness probe.
    enum State {
        case none
        /// Ours, though perhaps with another port or other times.
        case ours
        /// Ours, as Istio rewrote it for its own agent to pass on.
        case rewritten
        case another
    }

    /// The probe of a container.
    static func probe(of container: String, port: UInt16) -> JSONValue {
        [
            "httpGet": ["path": .string(path(container)), "port": .number(JSONNumber(Int(port)))],
            "periodSeconds": 5, "failureThreshold": .number(JSONNumber(failureThreshold)), "timeoutSeconds": 5,
        ]
    }

    /// What this container has, told by its shape alone.
    static func state(of container: ContainerView, in pod: PodView, port: UInt16) -> State {
        guard let probe = container.json["livenessProbe"], probe != .null else { return .none }
        guard let path = probe["httpGet"]?["path"]?.string else { return .another }
        if path.isSameText(as: Self.path(container.name)) { return .ours }
        // https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
        let rewritten = "/app-health/\(container.name)/livez"
        guard path.isSameText(as: rewritten), let before = probers(pod)?[rewritten]?["httpGet"],
            before["path"]?.string?.isSameText(as: Self.path(container.name)) ?? false,
            before["port"]?.int == Int(port)
        else { return .another }
        return .rewritten
    }

    /// Whether a variable's value is Istio's note of the probes that it rewrote; quick.
    static func mayBeRewritten(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.first == UInt8(ascii: "{") && text.starts(with: "{\"/app-health/".utf8)
    }

    private static func path(_ container: String) -> String { "/restart/\(container)" }

    /// The probes as they were, by the path that they have now.
    private static func probers(_ pod: PodView) -> JSONValue? {
        let proxy = pod.allContainers.first { $0.name == "istio-proxy" }
        let variable = proxy?.environment.last { $0["name"]?.string == proberVariable }
        return (variable?["value"]?.string).flatMap { try? JSONValue(parsing: Array($0.utf8)) }
    }
}
