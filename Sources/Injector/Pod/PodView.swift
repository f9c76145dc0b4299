import JSON

/// A read-only view of a v1 Pod's JSON. It knows the fields that a decision needs and nothing of the others.
/// A class, as the containers' views are: they are handed around a lot, and a copy of a struct retains every field.
///
/// Webhooks run before validation: every field may be missing, null or of another kind than the API says.
final class PodView: Sendable {
    /// The fields that are read below, or anywhere else in this module.
    static let projection = JSONProjection.only([
        "metadata": .only([
            "name": .everything, "generateName": .everything, "annotations": .everything, "labels": .everything,
        ]),
        "spec": .only([
            "volumes": .everything, "initContainers": .everything, "securityContext": .everything,
            "nodeSelector": .everything, "os": .everything, "serviceAccountName": .everything,
            "serviceAccount": .everything, "resources": .everything, "restartPolicy": .everything,
            "hostNetwork": .everything, "hostPID": .everything, "shareProcessNamespace": .everything,
            "terminationGracePeriodSeconds": .everything,
            "containers": .only([
                "name": .everything, "env": environment, "envFrom": sources,
                "volumeMounts": .everything, "resources": .everything, "securityContext": .everything,
                "ports": .only(["containerPort": .everything]), "restartPolicy": .everything,
                "livenessProbe": .only([
                    "httpGet": .everything, "tcpSocket": port, "grpc": port, "periodSeconds": .everything,
                    "failureThreshold": .everything, "timeoutSeconds": .everything,
                ]),
                "readinessProbe": probe, "startupProbe": probe,
            ]),
        ]),
    ])

    private static let port = JSONProjection.only(["port": .everything])
    private static let probe = JSONProjection.only(["httpGet": port, "tcpSocket": port, "grpc": port])

    /// Only variables whose value may hold a reference or a mesh's note of probes, or that come from elsewhere; a pod may
    /// have thousands of others.
    private static let environment = JSONProjection.only(
        [
            "name": .everything,
            "value": .text { PodRequest.mayHoldReference($0) || RestartProbe.isNoteOfProbes($0) },
            "valueFrom": .only(
                ["configMapKeyRef": .everything, "secretKeyRef": .everything, "fileKeyRef": .everything],
                requiring: "configMapKeyRef", "secretKeyRef", "fileKeyRef"),
        ],
        requiring: "value", "valueFrom")

    private static let sources = JSONProjection.only(
        ["configMapRef": .everything, "secretRef": .everything], requiring: "configMapRef", "secretRef")

    let json: JSONValue
    let spec: JSONValue
    let securityContext: JSONValue
    let initContainers: [ContainerView]
    let containers: [ContainerView]
    /// Both lists, init containers first.
    let allContainers: [ContainerView]

    init(_ json: JSONValue) {
        self.json = json
        let spec = json["spec"] ?? .null
        self.spec = spec
        securityContext = spec["securityContext"] ?? .null
        func views(_ list: String) -> [ContainerView] {
            (spec[list]?.array ?? []).enumerated().map { ContainerView($1, list: list, index: $0) }
        }
        initContainers = views("initContainers")
        containers = views("containers")
        allContainers = initContainers.isEmpty ? containers : initContainers + containers
    }

    var annotations: JSONObject { json["metadata"]?["annotations"]?.object ?? JSONObject() }
    var labels: JSONObject { json["metadata"]?["labels"]?.object ?? JSONObject() }

    var serviceAccountName: String {
        // The second is the deprecated name of the first; the apiserver fills in both.
        let names = ["serviceAccountName", "serviceAccount"].compactMap { spec[$0]?.string }
        return names.first { !$0.isEmpty } ?? "default"
    }

    var volumes: [JSONValue] { spec["volumes"]?.array ?? [] }

    /// The architectures that the pod asks its node to have; nil where it takes any.
    var architectures: Set<String>? {
        spec["nodeSelector"]?["kubernetes.io/arch"]?.string.map { [$0] }
    }

    /// The names of the pull secrets that the pod states.
    var imagePullSecrets: [String] {
        (spec["imagePullSecrets"]?.array ?? []).compactMap { $0["name"]?.string }.filter { !$0.isEmpty }
    }

    /// `Always` where nothing is said, as the apiserver has it.
    var restartPolicy: String {
        guard let text = spec["restartPolicy"]?.string, !text.isEmpty else { return "Always" }
        return text
    }

    var restartsAlways: Bool { restartPolicy == "Always" }

    /// The container's own where it states one (Kubernetes 1.35; a native sidecar's since 1.29), else the pod's.
    func restartPolicy(of container: ContainerView) -> String { container.restartPolicy ?? restartPolicy }
    var usesHostNetwork: Bool { spec["hostNetwork"]?.bool ?? false }
    var usesHostPID: Bool { spec["hostPID"]?.bool ?? false }
    var sharesProcessNamespace: Bool { spec["shareProcessNamespace"]?.bool ?? false }

    /// How long a container may take to end.
    var terminationGraceSeconds: Int {
        min(max(spec["terminationGracePeriodSeconds"]?.int ?? 30, 0), 86_400)
    }

    var isMirror: Bool { annotations["kubernetes.io/config.mirror"] != nil }

    /// Whether the pod can only run on a Windows node.
    var isWindows: Bool {
        if let os = spec["os"]?["name"]?.string { return os == "windows" }
        let selector = spec["nodeSelector"]
        if ["kubernetes.io/os", "beta.kubernetes.io/os"].contains(where: { selector?[$0]?.string == "windows" }) {
            return true
        }
        func hasWindowsOptions(_ context: JSONValue) -> Bool {
            !(context["windowsOptions"]?.object?.members ?? []).isEmpty
        }
        return hasWindowsOptions(securityContext) || allContainers.contains { hasWindowsOptions($0.securityContext) }
    }
}

/// A read-only view of one container or init container.
final class ContainerView: Sendable {
    let json: JSONValue
    /// `containers` or `initContainers`.
    let list: String
    let index: Int
    let name: String
    let securityContext: JSONValue

    init(_ json: JSONValue, list: String, index: Int) {
        self.json = json
        self.list = list
        self.index = index
        name = json["name"]?.string ?? ""
        securityContext = json["securityContext"] ?? .null
    }

    var pointer: JSONPointer { JSONPointer(["spec", list, String(index)]) }
    var volumeMounts: [JSONValue] { json["volumeMounts"]?.array ?? [] }
    var environment: [JSONValue] { json["env"]?.array ?? [] }
    var resources: JSONValue { json["resources"] ?? .null }
    var image: String? { json["image"]?.string }
    /// Whether it bears a name of ours, whoever gave it.
    var isAgent: Bool { name.utf8.first == UInt8(ascii: "l") && PodFragments.Name.containers.contains(name) }
    /// The ports that it says it listens on.
    var ports: [Int] { (json["ports"]?.array ?? []).compactMap { $0["containerPort"]?.int } }
    /// The ports that its own probes ask.
    var probedPorts: [Int] {
        ["livenessProbe", "readinessProbe", "startupProbe"].flatMap { name -> [Int] in
            guard let probe = json[name], name != "livenessProbe" || !RestartProbe.isOurs(self) else { return [] }
            return ["httpGet", "tcpSocket", "grpc"].compactMap { probe[$0]?["port"]?.int }
        }
    }
    /// Its own `restartPolicy`; nil where it states none.
    var restartPolicy: String? { json["restartPolicy"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    var isNativeSidecar: Bool { list == "initContainers" && restartPolicy == "Always" }
}
