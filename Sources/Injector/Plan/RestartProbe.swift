import JSON

/// The liveness probe by which the agent has the kubelet restart a container, and what the container has in its place.
struct RestartProbe: Sendable {
    /// So often in a row the probe fails before the kubelet ends the container.
    static let failureThreshold = 6
    private static let periodSeconds = 5
    /// So long the agent lets it fail: wherever the window falls between two probes, enough of them are in it; and few
    /// enough reach the container that has been started again.
    static let windowSeconds = periodSeconds * (failureThreshold + 1)

    /// What a container has for a liveness probe, told by its shape alone.
    enum State: Equatable {
        case none
        /// Ours, though perhaps with another port.
        case ours
        /// Ours with this port, as Istio rewrote it so that its own agent passes it on.
        case rewritten(UInt16)
        case another
    }

    let container: ContainerView
    let state: State
    /// What it should be; nil where it should not be there.
    let wanted: JSONValue?

    /// The probes of these containers. Linear, whatever another webhook has noted in the pod.
    static func of(_ containers: [ContainerView], in pod: PodView, port: UInt16) -> [RestartProbe] {
        probes(of: containers, in: pod) { container in
            var wanted = times
            let path: JSONValue = .string(path(of: container))
            wanted.insert(
                .init(name: "httpGet", value: ["path": path, "port": .number(JSONNumber(Int(port)))]), at: 0)
            return .object(JSONObject(wanted))
        }
    }

    /// Probes of ours that are not wanted, which nothing would answer: the pod is a copy of one that wanted other things.
    static func stale(in pod: PodView, beside wanted: [RestartProbe]) -> [RestartProbe] {
        let kept = Set(wanted.map { ObjectIdentifier($0.container) })
        let others = pod.allContainers.filter { !$0.isAgent && !kept.contains(ObjectIdentifier($0)) }
        return probes(of: others, in: pod) { _ in nil }.filter {
            switch $0.state {
            case .ours, .rewritten: true
            case .none, .another: false
            }
        }
    }

    /// The port that Istio's note has for probes of ours, if one of these containers has such a probe.
    static func rewrittenPort(of containers: [ContainerView], in pod: PodView) -> UInt16? {
        for probe in probes(of: containers, in: pod, wanted: { _ in nil }) {
            if case .rewritten(let port) = probe.state { return port }
        }
        return nil
    }

    /// Whether a container's liveness probe has our whole shape, the port aside.
    static func isOurs(_ container: ContainerView) -> Bool {
        guard let probe = container.json["livenessProbe"], let handler = probe["httpGet"] else { return false }
        return handler["path"]?.string?.isSameText(as: path(of: container)) ?? false && port(handler["port"]) != nil
            && handler["host"] == nil && hasOurTimes(probe)
    }

    /// Whether a variable's value is Istio's note of the probes that it rewrote; quick.
    static func isNoteOfProbes(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.first == UInt8(ascii: "{") && text.starts(with: "{\"/app-health/".utf8)
    }

    private static let times: [JSONObject.Member] = [
        .init(name: "periodSeconds", value: .number(JSONNumber(periodSeconds))),
        .init(name: "failureThreshold", value: .number(JSONNumber(failureThreshold))),
        .init(name: "timeoutSeconds", value: 5),
    ]

    private static func path(of container: ContainerView) -> String { "/restart/\(container.name)" }

    private static func port(_ value: JSONValue?) -> UInt16? { value?.int.flatMap { UInt16(exactly: $0) } }

    private static func hasOurTimes(_ probe: JSONValue) -> Bool {
        times.allSatisfy { probe[$0.name] == $0.value }
    }

    private static func probes(
        of containers: [ContainerView], in pod: PodView, wanted: (ContainerView) -> JSONValue?
    ) -> [RestartProbe] {
        var note: [ExactText: JSONValue]?
        return containers.map { container in
            RestartProbe(container: container, state: state(container, pod, &note), wanted: wanted(container))
        }
    }

    private static func state(
        _ container: ContainerView, _ pod: PodView, _ note: inout [ExactText: JSONValue]?
    ) -> State {
        guard let probe = container.json["livenessProbe"], probe != .null else { return .none }
        if isOurs(container) { return .ours }
        guard let path = probe["httpGet"]?["path"]?.string,
            path.isSameText(as: "/app-health/\(container.name)/livez"), hasOurTimes(probe)
        else { return .another }
        let rewritten = note ?? rewrittenProbes(pod)
        note = rewritten
        guard let before = rewritten[ExactText(path)]?["httpGet"], let port = port(before["port"]),
            before["path"]?.string?.isSameText(as: Self.path(of: container)) ?? false
        else { return .another }
        return .rewritten(port)
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
