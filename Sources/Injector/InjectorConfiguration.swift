public import SecretSpec

/// What the operator decides once for all pods. Everything but the agent's image has a default.
public struct InjectorConfiguration: Sendable, Equatable {
    /// The agent's image, as a container's `image`.
    public var agentImage: String
    /// The agent's `imagePullPolicy`; nil leaves it to the cluster.
    public var imagePullPolicy: String?
    /// The agent's uid where the pod states none; nil leaves it to the image.
    public var runAsUser: Int? = 65532
    /// The agent's gid where the pod states none; nil leaves it to the image.
    public var runAsGroup: Int? = 65532
    /// The agent's CPU request in a pod of QoS class Burstable.
    public var cpuRequest = "10m"
    /// The agent's CPU request and limit in a pod of QoS class Guaranteed.
    public var guaranteedCPU = "100m"
    /// What the agent itself needs, in bytes. What it writes counts against its limit too and is added.
    public var agentMemory = 24 << 20
    /// Size limit of the memory-backed volume, in bytes. Two generations must fit.
    public var volumeSizeLimit = 8 << 20
    /// Size limit of the memory-backed volume of the containers' environments, in bytes: `latchkey-exec` and two
    /// generations of each container's variables must fit.
    public var environmentSizeLimit = 4 << 20
    /// Where files appear unless the pod says otherwise.
    public var mountPath = "/run/secrets/latchkey"
    /// Whether every kubelet of the cluster runs native sidecars (Kubernetes 1.29 and later).
    public var nativeSidecars = true
    /// Whether every kubelet of the cluster fills variables from files (`fileKeyRef`: Kubernetes 1.35 and later).
    public var fileKeyRef = false
    /// Whether the kubelets' version is known. Where it isn't, ``nativeSidecars`` must be false, and sentences say so.
    public var knowsKubelets = true
    /// How often rotation is looked for unless the pod says otherwise, in seconds; nil for not at all.
    public var refreshSeconds: Int? = 120
    /// What a refresh does when a secret or the right to it is gone, unless the pod says otherwise.
    public var onRevoked = AgentPlan.OnRevoked.keep
    /// Where in the pod the agent answers the probes of `on-change: restart` and, where that is on, `/metrics`.
    public var agentPort: UInt16 = 9911
    /// Whether the agent answers `/metrics` and `/healthz` in every refreshed pod.
    public var agentServesMetrics = false
    /// Over how long the restarts of a workload's replicas are spread, in seconds.
    public var restartSpreadSeconds = 60
    /// How long the agent retries transient faults before the start counts as failed.
    public var startDeadlineSeconds = 60
    /// Proxy for the agent's HTTPS requests, or nil.
    public var httpsProxy: String?
    /// Hosts that the agent reaches without the proxy, in the syntax of `NO_PROXY`.
    public var noProxy: String?
    /// PEM certificates that the agent trusts beside its image's.
    public var caBundle: String?
    /// Azure's part.
    public var azure = Azure()

    /// The defaults with this agent image.
    public init(agentImage: String) {
        self.agentImage = agentImage
    }

    /// Where Entra ID and Key Vault are, and who logs in where neither pod nor ServiceAccount say.
    public struct Azure: Sendable, Equatable {
        /// Origin of Entra ID.
        public var authority = "https://login.microsoftonline.com"
        /// Domains of vaults and the scopes of their tokens; the first completes a bare vault name.
        public var domains = [
            AgentPlan.Azure.Domain(suffix: "vault.azure.net", scope: "https://vault.azure.net/.default")
        ]
        /// Origins of single vaults by name; they come before the domains.
        public var endpoints: [String: String] = [:]
        /// The tenant where nobody says otherwise.
        public var tenantID: String?
        /// The client id where nobody says otherwise.
        public var clientID: String?
        /// The audience of the projected token.
        public var tokenAudience = "api://AzureADTokenExchange"
        /// The projected token's life in seconds; the kubelet rewrites the file at 80 % of it.
        public var tokenExpirationSeconds = 3600

        /// The public cloud.
        public init() {}
    }
}
