import JSON

/// A read-only view of a v1 Pod's JSON. It knows the fields that a decision needs and nothing of the others.
///
/// Webhooks run before validation: every field may be missing, null or of another kind than the API says.
struct PodView {
    let json: JSONValue
    let spec: JSONValue

    init(_ json: JSONValue) {
        self.json = json
        spec = json["spec"] ?? .null
    }

    var annotations: JSONObject { json["metadata"]?["annotations"]?.object ?? JSONObject() }
    var labels: JSONObject { json["metadata"]?["labels"]?.object ?? JSONObject() }

    var serviceAccountName: String {
        let name = spec["serviceAccountName"]?.string ?? ""
        return name.isEmpty ? "default" : name
    }

    var volumes: [JSONValue] { spec["volumes"]?.array ?? [] }
    var initContainers: [ContainerView] { containers(in: "initContainers") }
    var containers: [ContainerView] { containers(in: "containers") }
    var securityContext: JSONValue { spec["securityContext"] ?? .null }

    var isMirror: Bool { annotations["kubernetes.io/config.mirror"] != nil }

    /// Whether the pod can only run on a Windows node.
    var isWindows: Bool {
        if let os = spec["os"]?["name"]?.string { return os == "windows" }
        let selector = spec["nodeSelector"]
        if ["kubernetes.io/os", "beta.kubernetes.io/os"].contains(where: { selector?[$0]?.string == "windows" }) {
            return true
        }
        return ([securityContext] + (initContainers + containers).map(\.securityContext))
            .contains { !($0["windowsOptions"]?.object?.members ?? []).isEmpty }
    }

    private func containers(in list: String) -> [ContainerView] {
        (spec[list]?.array ?? []).enumerated().map { ContainerView(json: $1, list: list, index: $0) }
    }
}

/// A read-only view of one container or init container.
struct ContainerView {
    let json: JSONValue
    /// `containers` or `initContainers`.
    let list: String
    let index: Int

    var name: String { json["name"]?.string ?? "" }
    var pointer: JSONPointer { JSONPointer(["spec", list, String(index)]) }
    var securityContext: JSONValue { json["securityContext"] ?? .null }
    var volumeMounts: [JSONValue] { json["volumeMounts"]?.array ?? [] }
    var environment: [JSONValue] { json["env"]?.array ?? [] }
    var resources: JSONValue { json["resources"] ?? .null }
    var isNativeSidecar: Bool { list == "initContainers" && json["restartPolicy"]?.string == "Always" }
}
