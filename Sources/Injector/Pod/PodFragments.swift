import JSON
import SecretSpec

/// What is added to a pod, in the API's own words. Only typed values come in; the text of annotations reaches nothing
/// here but the plan, which is data to the agent.
struct PodFragments {
    /// Names that are ours in every pod.
    enum Name {
        static let agent = "latchkey-agent"
        static let refresh = "latchkey-refresh"
        static let containers = [agent, refresh]
        static let secrets = "latchkey-secrets"
        static let tokens = "latchkey-tokens"
        static let noAPIToken = "latchkey-no-api-token"
        static let environment = "latchkey-environment"
        /// A number follows.
        static let source = "latchkey-source-"

        /// Whether a volume bears a name of ours, whoever gave it.
        static func isVolume(_ name: String) -> Bool {
            name.utf8.starts(with: "latchkey-".utf8)
                && ([secrets, tokens, noAPIToken, environment].contains(name) || name.utf8.starts(with: source.utf8))
        }
    }

    /// Paths inside the agent's container, and where the environment is concerned inside the application's.
    enum Path {
        static let secrets = "/run/latchkey/secrets"
        static let tokens = "/run/latchkey/tokens"
        static let azureToken = "azure"
        static let apiToken = "/var/run/secrets/kubernetes.io/serviceaccount"
        static let environment = "/run/latchkey/environment"
        static let executables = "/run/latchkey/bin"

        /// Where a ConfigMap or Secret that environments come from is mounted.
        static func source(_ number: Int) -> String { "/run/latchkey/sources/\(number)" }
    }

    let prepared: PreparedConfiguration
    let plan: AgentPlan
    /// The plan as ``environmentValue(of:)`` gives it.
    let planText: String
    let shape: AgentShape
    let ownership: FileOwnership
    /// The class that the pod has without the agent; nil where the pod's own `resources` decide.
    let qualityOfService: QualityOfService?
    /// Whether every other container has a CPU limit, as a namespace with a quota on `limits.cpu` demands of all.
    let limitsCPU: Bool
    let mountPath: MountPath
    let tokenExpirationSeconds: Int
    let environments: EnvironmentPlan

    /// The volumes in their order.
    var volumes: [JSONValue] {
        var volumes = prepared.volumes(tokenExpirationSeconds: tokenExpirationSeconds)
        if environments.delivers { volumes.append(prepared.environmentVolume) }
        for (number, source) in environments.sources.enumerated() { volumes.append(Self.volume(number, source)) }
        return volumes
    }

    /// The agent's init containers in their order, and its container beside the application's.
    func containers() -> (initContainers: [JSONValue], container: JSONValue?) {
        let tail = containerTail()
        func container(_ head: [JSONObject.Member]) -> JSONValue { .object(JSONObject(head + tail)) }
        switch shape {
        case .once: return ([container(prepared.once)], nil)
        case .sidecar: return ([container(prepared.sidecar)], nil)
        case .initAndSidecar: return ([container(prepared.once), container(prepared.secondSidecar)], nil)
        case .initAndContainer: return ([container(prepared.once)], container(prepared.secondContainer))
        }
    }

    /// What all containers of the agent have from `env` on.
    private func containerTail() -> [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(4)
        let plan: JSONValue = ["name": .string(AgentPlan.environmentVariable), "value": .string(planText)]
        members.append(.init(name: "env", value: .array([plan] + prepared.environment)))
        if let resources { members.append(.init(name: "resources", value: resources)) }
        members.append(.init(name: "volumeMounts", value: .array(volumeMounts)))
        members.append(.init(name: "securityContext", value: securityContext))
        return members
    }

    private var volumeMounts: [JSONValue] {
        var mounts = prepared.volumeMounts
        if environments.delivers {
            mounts.append(Self.mount(Name.environment, at: Path.environment, readOnly: false))
        }
        for number in environments.sources.indices {
            mounts.append(Self.mount("\(Name.source)\(number)", at: Path.source(number), readOnly: true))
        }
        return mounts
    }

    private static func volume(_ number: Int, _ source: SourceObject) -> JSONValue {
        let name = JSONValue.string(source.name.text)
        // Always: an init container may be about to make it, and the kubelet holds back whoever cannot start without it.
        let optional: JSONValue = true
        var volume: JSONObject = JSONObject()
        volume.append("name", .string("\(Name.source)\(number)"))
        switch source.kind {
        case .configMap: volume.append("configMap", ["name": name, "optional": optional])
        case .secret: volume.append("secret", ["secretName": name, "optional": optional])
        }
        return .object(volume)
    }

    /// The mounts of a container whose command is behind `latchkey-exec`.
    static func environmentMounts(of container: String) -> [JSONValue] {
        func mount(_ path: String, _ subPath: String) -> JSONValue {
            [
                "name": .string(Name.environment), "mountPath": .string(path), "subPath": .string(subPath),
                "readOnly": true,
            ]
        }
        return [
            mount(Path.environment, container),
            mount(Path.executables, EnvironmentLayout.executableDirectory),
        ]
    }

    /// The mount in each container that gets the files.
    var applicationMount: JSONValue { Self.mount(Name.secrets, at: mountPath.text, readOnly: true) }

    /// `plan` as the value of an environment variable.
    ///
    /// The kubelet expands `$(NAME)` and shortens `$$` in such values, so no dollar sign may stand in it.
    static func environmentValue(of plan: AgentPlan) -> String {
        let text = plan.json.serialized()
        guard text.contains(UInt8(ascii: "$")) else { return String(decoding: text, as: UTF8.self) }
        var output: [UInt8] = []
        for byte in text {
            if byte == UInt8(ascii: "$") {
                output.append(contentsOf: "\\u0024".utf8)
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private var resources: JSONValue? {
        switch qualityOfService {
        case nil, .bestEffort: nil
        case .burstable:
            limitsCPU ? prepared[environments.delivers].limitedBurstable : prepared[environments.delivers].burstable
        case .guaranteed: prepared[environments.delivers].guaranteed
        }
    }

    private static let noCapabilities: JSONValue = ["drop": ["ALL"]]
    private static let seccompProfile: JSONValue = ["type": "RuntimeDefault"]

    private var securityContext: JSONValue {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(7)
        members.append(.init(name: "allowPrivilegeEscalation", value: false))
        members.append(.init(name: "capabilities", value: Self.noCapabilities))
        members.append(.init(name: "readOnlyRootFilesystem", value: true))
        members.append(.init(name: "runAsNonRoot", value: .bool(ownership.uid != 0)))
        if let uid = ownership.uid { members.append(.init(name: "runAsUser", value: .number(JSONNumber(Int(uid))))) }
        if let gid = ownership.gid { members.append(.init(name: "runAsGroup", value: .number(JSONNumber(Int(gid))))) }
        members.append(.init(name: "seccompProfile", value: Self.seccompProfile))
        return .object(JSONObject(members))
    }

    static func mount(_ volume: String, at path: String, readOnly: Bool) -> JSONValue {
        var object = JSONObject()
        object.append("name", .string(volume))
        object.append("mountPath", .string(path))
        if readOnly { object.append("readOnly", true) }
        return .object(object)
    }
}
