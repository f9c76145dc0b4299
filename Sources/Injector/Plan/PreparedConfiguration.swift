import JSON

/// The operator's configuration and what follows from it alone: worked out once, not for every pod.
final class PreparedConfiguration: Sendable {
    let configuration: InjectorConfiguration
    /// Nil where the configured path is none.
    let mountPath: MountPath?
    /// The volumes in their order, with the configured life of tokens.
    let volumes: [JSONValue]
    /// The agent's containers up to `env`, one for each way to run it.
    let once: [JSONObject.Member]
    let sidecar: [JSONObject.Member]
    let secondSidecar: [JSONObject.Member]
    let secondContainer: [JSONObject.Member]
    /// The agent's variables behind the plan.
    let environment: [JSONValue]
    /// The agent's `volumeMounts`.
    let volumeMounts: JSONValue
    let burstableResources: JSONValue
    /// For a pod whose other containers all have a CPU limit.
    let limitedBurstableResources: JSONValue
    let guaranteedResources: JSONValue

    init(_ configuration: InjectorConfiguration) {
        self.configuration = configuration
        mountPath = MountPath(configuration.mountPath)
        volumes = Self.volumes(configuration, tokenExpirationSeconds: configuration.azure.tokenExpirationSeconds)

        func head(_ name: String, _ mode: String, isNativeSidecar: Bool = false) -> [JSONObject.Member] {
            var head = JSONObject()
            head.append("name", .string(name))
            head.append("image", .string(configuration.agentImage))
            if let policy = configuration.imagePullPolicy { head.append("imagePullPolicy", .string(policy)) }
            head.append("command", ["/latchkey-agent", .string(mode)])
            if isNativeSidecar { head.append("restartPolicy", "Always") }
            return head.members
        }
        once = head(PodFragments.Name.agent, "init")
        // The agent gives up by itself at its deadline, with a sentence; the kubelet must not be there first.
        let (patience, isTooLong) = configuration.startDeadlineSeconds.addingReportingOverflow(15)
        let startupProbe: JSONValue = [
            "exec": ["command": ["/latchkey-agent", "ready"]], "periodSeconds": 1,
            "failureThreshold": .number(JSONNumber(isTooLong ? Int(Int32.max) : patience)), "timeoutSeconds": 5,
        ]
        sidecar =
            head(PodFragments.Name.agent, "refresh", isNativeSidecar: true)
            + [.init(name: "startupProbe", value: startupProbe)]
        secondSidecar = head(PodFragments.Name.refresh, "refresh", isNativeSidecar: true)
        secondContainer = head(PodFragments.Name.refresh, "refresh")

        var environment: [JSONValue] = []
        if let proxy = configuration.httpsProxy {
            environment.append(["name": "HTTPS_PROXY", "value": .string(proxy)])
        }
        if let noProxy = configuration.noProxy {
            environment.append(["name": "NO_PROXY", "value": .string(noProxy)])
        }
        self.environment = environment
        volumeMounts = [
            PodFragments.mount(PodFragments.Name.secrets, at: PodFragments.Path.secrets, readOnly: false),
            PodFragments.mount(PodFragments.Name.tokens, at: PodFragments.Path.tokens, readOnly: true),
            PodFragments.mount(PodFragments.Name.noAPIToken, at: PodFragments.Path.apiToken, readOnly: true),
        ]

        // What the agent writes is charged to it, so the volume's size is part of its limit.
        let memory = JSONValue.string(Quantity.bytes(configuration.agentMemory + configuration.volumeSizeLimit))
        let requests: JSONValue = ["cpu": .string(configuration.cpuRequest), "memory": memory]
        let both: JSONValue = ["cpu": .string(configuration.guaranteedCPU), "memory": memory]
        burstableResources = ["limits": ["memory": memory], "requests": requests]
        limitedBurstableResources = ["limits": both, "requests": requests]
        guaranteedResources = ["limits": both, "requests": both]
    }

    /// Whether a container is the one that refreshes beside or behind another of ours, told by its shape.
    func isSecondContainer(_ container: JSONValue) -> Bool {
        PatchBuilder.contains(container, .object(JSONObject(secondContainer)))
    }

    /// The volumes for a token of that life.
    func volumes(tokenExpirationSeconds seconds: Int) -> [JSONValue] {
        seconds == configuration.azure.tokenExpirationSeconds
            ? volumes : Self.volumes(configuration, tokenExpirationSeconds: seconds)
    }

    private static func volumes(_ configuration: InjectorConfiguration, tokenExpirationSeconds: Int) -> [JSONValue] {
        let token: JSONValue = [
            "audience": .string(configuration.azure.tokenAudience),
            "expirationSeconds": .number(JSONNumber(tokenExpirationSeconds)),
            "path": .string(PodFragments.Path.azureToken),
        ]
        return [
            [
                "name": .string(PodFragments.Name.secrets),
                "emptyDir": ["medium": "Memory", "sizeLimit": .string(Quantity.bytes(configuration.volumeSizeLimit))],
            ],
            [
                "name": .string(PodFragments.Name.tokens),
                "projected": ["sources": [["serviceAccountToken": token]]],
            ],
            // Mounted where the ServiceAccount plugin would mount an API token, it keeps the plugin from doing so.
            ["name": .string(PodFragments.Name.noAPIToken), "emptyDir": ["medium": "Memory", "sizeLimit": "4Ki"]],
        ]
    }
}
