import JSON
import SecretSpec

/// What is added to a pod, in the API's own words. Only typed values come in; the text of annotations reaches nothing
/// here but the plan, which is data to the agent.
struct PodFragments {
    /// Names that are ours in every pod.
    enum Name {
        static let container = "latchkey-agent"
        static let secrets = "latchkey-secrets"
        static let tokens = "latchkey-tokens"
        static let noAPIToken = "latchkey-no-api-token"
        static let volumes = [secrets, tokens, noAPIToken]
    }

    /// Paths inside the agent's container.
    enum Path {
        static let secrets = "/run/latchkey/secrets"
        static let tokens = "/run/latchkey/tokens"
        static let azureToken = "azure"
        static let apiToken = "/var/run/secrets/kubernetes.io/serviceaccount"
    }

    let configuration: InjectorConfiguration
    let plan: AgentPlan
    /// The plan as ``environmentValue(of:)`` gives it.
    let planText: String
    let ownership: FileOwnership
    /// The class that the pod has without the agent; nil where the pod's own `resources` decide.
    let qualityOfService: QualityOfService?
    /// Whether every other container has a CPU limit, as a namespace with a quota on `limits.cpu` demands of all.
    let limitsCPU: Bool
    let mountPath: MountPath
    let tokenExpirationSeconds: Int

    /// The volumes in their order.
    var volumes: [JSONValue] {
        [
            [
                "name": .string(Name.secrets),
                "emptyDir": ["medium": "Memory", "sizeLimit": .string(Quantity.bytes(configuration.volumeSizeLimit))],
            ],
            [
                "name": .string(Name.tokens),
                "projected": [
                    "sources": [
                        [
                            "serviceAccountToken": [
                                "audience": .string(configuration.azure.tokenAudience),
                                "expirationSeconds": .number(JSONNumber(tokenExpirationSeconds)),
                                "path": .string(Path.azureToken),
                            ]
                        ]
                    ]
                ],
            ],
            // Mounted where the ServiceAccount plugin would mount an API token, it keeps the plugin from doing so.
            ["name": .string(Name.noAPIToken), "emptyDir": ["medium": "Memory", "sizeLimit": "4Ki"]],
        ]
    }

    /// The init container.
    var container: JSONValue {
        var object = JSONObject()
        object.append("name", .string(Name.container))
        object.append("image", .string(configuration.agentImage))
        if let policy = configuration.imagePullPolicy { object.append("imagePullPolicy", .string(policy)) }
        object.append("command", ["/latchkey-agent", "init"])
        object.append("env", .array(environment))
        if let resources { object.append("resources", resources) }
        object.append(
            "volumeMounts",
            [
                Self.mount(Name.secrets, at: Path.secrets, readOnly: false),
                Self.mount(Name.tokens, at: Path.tokens, readOnly: true),
                Self.mount(Name.noAPIToken, at: Path.apiToken, readOnly: true),
            ])
        object.append("securityContext", securityContext)
        return .object(object)
    }

    /// The mount in each container that gets the files.
    var applicationMount: JSONValue { Self.mount(Name.secrets, at: mountPath.text, readOnly: true) }

    /// `plan` as the value of an environment variable.
    ///
    /// The kubelet expands `$(NAME)` and shortens `$$` in such values, so no dollar sign may stand in it.
    static func environmentValue(of plan: AgentPlan) -> String {
        var output: [UInt8] = []
        for byte in plan.json.serialized() {
            if byte == UInt8(ascii: "$") {
                output.append(contentsOf: "\\u0024".utf8)
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private var environment: [JSONValue] {
        var variables: [(String, String)] = [(AgentPlan.environmentVariable, planText)]
        if let proxy = configuration.httpsProxy { variables.append(("HTTPS_PROXY", proxy)) }
        if let noProxy = configuration.noProxy { variables.append(("NO_PROXY", noProxy)) }
        return variables.map { ["name": .string($0.0), "value": .string($0.1)] }
    }

    /// What the agent writes is charged to it, so the volume's size is part of its limit.
    private var resources: JSONValue? {
        let memory = JSONValue.string(Quantity.bytes(configuration.agentMemory + configuration.volumeSizeLimit))
        switch qualityOfService {
        case nil, .bestEffort: return nil
        case .burstable:
            return [
                "limits": limitsCPU
                    ? ["cpu": .string(configuration.guaranteedCPU), "memory": memory] : ["memory": memory],
                "requests": ["cpu": .string(configuration.cpuRequest), "memory": memory],
            ]
        case .guaranteed:
            let both: JSONValue = ["cpu": .string(configuration.guaranteedCPU), "memory": memory]
            return ["limits": both, "requests": both]
        }
    }

    private var securityContext: JSONValue {
        var object = JSONObject()
        object.append("allowPrivilegeEscalation", false)
        object.append("capabilities", ["drop": ["ALL"]])
        object.append("readOnlyRootFilesystem", true)
        object.append("runAsNonRoot", .bool(ownership.uid != 0))
        if let uid = ownership.uid { object.append("runAsUser", .number(JSONNumber(Int(uid)))) }
        if let gid = ownership.gid { object.append("runAsGroup", .number(JSONNumber(Int(gid)))) }
        object.append("seccompProfile", ["type": "RuntimeDefault"])
        return .object(object)
    }

    private static func mount(_ volume: String, at path: String, readOnly: Bool) -> JSONValue {
        var object = JSONObject()
        object.append("name", .string(volume))
        object.append("mountPath", .string(path))
        if readOnly { object.append("readOnly", true) }
        return .object(object)
    }
}
