import Injector
import JSON
import SecretSpec

extension WebhookConfiguration {
    /// Every key, in the order of the documentation. THE list: what is not here is an error in a file.
    static let keys: [ConfigurationKey<WebhookConfiguration>] =
        clusterKeys + agentKeys + defaultsKeys + azureKeys + registryKeys + serverKeys + kubernetesKeys

    private static let ids = 0...2_147_483_647
    private static let memory = (1 << 20)...(1 << 40)

    private static let clusterKeys: [ConfigurationKey<WebhookConfiguration>] = [
        .parsed(
            "cluster.version", ClusterVersion.accepted, default: ClusterVersion.auto.description,
            flag: "--cluster-version",
            "Version of the oldest kubelet, which decides what is added to pods: from 1.29 on one native sidecar fetches "
                + "and refreshes, below an init container and a container beside the application; from 1.35 on the kubelet "
                + "can put values into variables itself. `auto` reads the versions from the nodes and needs the verb "
                + "`list` on `nodes`.",
            parse: ClusterVersion.init(parsing:)
        ) { $0.follow($1) }
    ]

    private static let agentKeys: [ConfigurationKey<WebhookConfiguration>] = [
        .parsed(
            "agent.image", "an image reference such as `ghcr.io/latchkey/agent:1.0`",
            "Image of the agent that is added to pods.", parse: TextRule.image
        ) { $0.injector.agentImage = $1 }.required(),
        .word(
            "agent.imagePullPolicy", ["Always", "IfNotPresent", "Never"],
            "Pull policy of the agent's image. Without it the cluster decides."
        ) { $0.injector.imagePullPolicy = $1 },
        .optionalInteger(
            "agent.runAsUser", ids, default: "65532",
            "The agent's uid where the pod states none; `null` leaves it to the image."
        ) { $0.injector.runAsUser = $1 },
        .optionalInteger(
            "agent.runAsGroup", ids, default: "65532",
            "The agent's gid where the pod states none; `null` leaves it to the image."
        ) { $0.injector.runAsGroup = $1 },
        .quantity(
            "agent.memory", memory, default: 24 << 20,
            "Memory that the agent itself needs. `volume.sizeLimit` is added, because what is written to a memory-backed "
                + "volume counts against the writer's limit."
        ) { $0.injector.agentMemory = $1 },
        .parsed(
            "agent.cpuRequest", "an amount of processors such as `10m` or `0.5`", default: "10m",
            "The agent's CPU request.", parse: TextRule.processors
        ) { $0.injector.cpuRequest = $1 },
        .parsed(
            "agent.guaranteedCPU", "an amount of processors such as `10m` or `0.5`", default: "100m",
            "The agent's CPU request and limit in a pod of QoS class Guaranteed, which stays in it.",
            parse: TextRule.processors
        ) { $0.injector.guaranteedCPU = $1 },
        .duration(
            "agent.startDeadline", .seconds(1)...(.seconds(3600)), default: .seconds(60),
            "How long the agent retries transient faults before the pod's start counts as failed."
        ) { $0.injector.startDeadlineSeconds = Int($1.components.seconds) },
        .integer(
            "agent.port", 1024...65535, default: "9911",
            "Where in the pod the agent answers the probes of `on-change: restart` and, where `agent.metrics` is on, "
                + "`/metrics` and `/healthz`. In a pod that declares the port itself the next free one is taken."
        ) { $0.injector.agentPort = UInt16(clamping: $1) },
        .truth(
            "agent.metrics", default: false,
            "Whether the agent of every refreshed pod answers `/metrics` and `/healthz`."
        ) { $0.injector.agentServesMetrics = $1 },
        .parsed(
            "agent.proxy.https", "an origin such as `http://proxy:3128`",
            "Proxy for the agent's HTTPS requests.", parse: TextRule.proxy
        ) { $0.injector.httpsProxy = $1 },
        .parsed(
            "agent.proxy.exceptions", "a list such as `.svc,10.0.0.0/8`",
            "Hosts that the agent reaches without the proxy, in the syntax of `NO_PROXY`.", parse: TextRule.line
        ) { $0.injector.noProxy = $1 },
        .parsed(
            "agent.caBundleFile", "an absolute path",
            "PEM certificates that the agent trusts beside its image's: private CAs of vaults. Read at start.",
            parse: TextRule.path
        ) { $0.caBundleFile = $1 },
        .quantity(
            "volume.sizeLimit", memory, default: 8 << 20,
            "Size limit of the memory-backed volume. Two generations of all files must fit."
        ) { $0.injector.volumeSizeLimit = $1 },
        .quantity(
            "environment.sizeLimit", memory, default: 4 << 20,
            "Size limit of the memory-backed volume of environment variables, in pods that have secrets there. "
                + "`latchkey-exec` and two generations of every container's variables must fit; it is added to the agent's "
                + "memory limit too."
        ) { $0.injector.environmentSizeLimit = $1 },
    ]

    private static let defaultsKeys: [ConfigurationKey<WebhookConfiguration>] = [
        .parsed(
            "defaults.mountPath", "an absolute path", default: "/run/secrets/latchkey",
            "Where files appear in containers unless the pod says otherwise.", parse: TextRule.path
        ) { $0.injector.mountPath = $1 },
        .refreshInterval(
            "defaults.refresh", default: 120,
            "How often rotation is looked for unless the pod says otherwise. It does not hold for pods whose "
                + "`restartPolicy` is not `Always`: those are refreshed where they ask for it."
        ) { $0.injector.refreshSeconds = $1 },
        .word(
            "defaults.onRevoked", AgentPlan.OnRevoked.allCases.map(\.rawValue),
            default: AgentPlan.OnRevoked.keep.rawValue,
            "What a refresh does when a secret or the right to it is gone, unless the pod says otherwise."
        ) { target, name in target.injector.onRevoked = AgentPlan.OnRevoked(rawValue: name) ?? .keep },
        .duration(
            "defaults.restartSpread", .zero...(.seconds(3600)), default: .seconds(60),
            "Over how long the restarts of `on-change: restart` are spread over the replicas of a workload."
        ) { $0.injector.restartSpreadSeconds = Int($1.components.seconds) },
    ]

    private static let azureKeys: [ConfigurationKey<WebhookConfiguration>] = [
        .word(
            "azure.cloud", AzureCloud.allCases.map(\.rawValue), default: AzureCloud.publicCloud.rawValue,
            "Sets `azure.authority`, `azure.vaultDnsSuffix` and `azure.scope` where they are not given."
        ) { target, name in
            guard let cloud = AzureCloud(rawValue: name) else { return }
            target.injector.azure.authority = cloud.authority
            target.injector.azure.domains = [.init(suffix: cloud.vaultSuffix, scope: cloud.scope)]
        },
        .parsed(
            "azure.authority", "an origin such as `https://login.microsoftonline.com`", default: "the cloud's",
            "Origin of Entra ID. Tokens go there and to vaults, nowhere else.", parse: TextRule.httpsOrigin
        ) { $0.injector.azure.authority = $1 },
        .parsed(
            "azure.vaultDnsSuffix", "a domain such as `vault.azure.net`, a port may follow", default: "the cloud's",
            "Domain that vaults lie in; completes a bare vault name.", parse: TextRule.domain
        ) { target, suffix in
            let scope = target.injector.azure.domains.first?.scope ?? AzureCloud.publicCloud.scope
            target.injector.azure.domains = [.init(suffix: suffix, scope: scope)]
        },
        .parsed(
            "azure.scope", "a scope such as `https://vault.azure.net/.default`", default: "the cloud's",
            "Scope of the tokens that vaults are read with.", parse: TextRule.httpsURL
        ) { target, scope in
            let suffix = target.injector.azure.domains.first?.suffix ?? AzureCloud.publicCloud.vaultSuffix
            target.injector.azure.domains = [.init(suffix: suffix, scope: scope)]
        },
        .parsed(
            "azure.tenantID", "a tenant's GUID or domain",
            "Tenant where neither pod nor ServiceAccount name one.", parse: TextRule.identifier
        ) { $0.injector.azure.tenantID = $1 },
        .parsed(
            "azure.clientID", "an application's or managed identity's client id (a GUID)",
            "Client id where neither pod nor ServiceAccount name one.", parse: TextRule.identifier
        ) { $0.injector.azure.clientID = $1 },
        .parsed(
            "azure.tokenAudience", "an audience such as `api://AzureADTokenExchange`",
            default: "api://AzureADTokenExchange",
            "Audience of the projected ServiceAccount token; the federated credential must name the same.",
            parse: TextRule.line
        ) { $0.injector.azure.tokenAudience = $1 },
        .duration(
            "azure.tokenExpiration", .seconds(600)...(.seconds(86400)), default: .seconds(3600),
            "Life of the projected ServiceAccount token."
        ) { $0.injector.azure.tokenExpirationSeconds = Int($1.components.seconds) },
        ConfigurationKey(
            path: "azure.vaults", accepted: "a list of maps with `name` and `url`", defaultText: nil,
            summary: "Vaults by name with their origins, for private endpoints; they come before the domain.",
            kind: .list(AzureVaultEntry.read)),
    ]

    private static let registryKeys: [ConfigurationKey<WebhookConfiguration>] = [
        ConfigurationKey(
            path: "registries", accepted: "a list of maps with `host` and more", defaultText: "no registry",
            summary:
                "The registries that may be asked for the commands of images, for containers that get variables and "
                + "state no command; see [registries.md](registries.md). No other is asked.",
            kind: .list(RegistryEntry.read))
    ]

    private static let serverKeys: [ConfigurationKey<WebhookConfiguration>] = [
        .parsed(
            "server.address", "`host:port`", default: "0.0.0.0:8443", flag: "--address",
            "Where the apiserver calls, HTTPS: `/mutate`, `/livez`, `/readyz`.", parse: ListenAddress.init(parsing:)
        ) { $0.server.address = $1 },
        .parsed(
            "server.metricsAddress", "`host:port`", default: "0.0.0.0:9090", flag: "--metrics-address",
            "Where `/metrics`, `/livez` and `/readyz` are answered in plain HTTP.",
            parse: ListenAddress.init(parsing:)
        ) { $0.server.metricsAddress = $1 },
        .parsed(
            "server.tls.certificateFile", "an absolute path", default: "/etc/latchkey/tls/tls.crt",
            flag: "--tls-cert-file",
            "PEM certificates, the leaf first. A changed file is taken over within seconds; a pair that is broken is not.",
            parse: TextRule.path
        ) { $0.server.certificateFile = $1 },
        .parsed(
            "server.tls.keyFile", "an absolute path", default: "/etc/latchkey/tls/tls.key", flag: "--tls-key-file",
            "The leaf's private key in PEM.", parse: TextRule.path
        ) { $0.server.keyFile = $1 },
        .duration(
            "server.drainDelay", .zero...(.seconds(600)), default: .seconds(5),
            "How long connections are still accepted after SIGTERM, while `/readyz` fails and every answer carries "
                + "`Connection: close`, so that endpoints and load balancers learn of it first."
        ) { $0.server.drainDelay = $1 },
        .duration(
            "server.drainTimeout", .zero...(.seconds(600)), default: .seconds(20),
            "How long open connections may live on after that. Idle ones are left to their clients until then: a server "
                + "that closes first breaks requests under way. Keep the sum below the pod's "
                + "`terminationGracePeriodSeconds`."
        ) { $0.server.drainTimeout = $1 },
        .integer(
            "server.maximumConnections", 16...65536, default: "1000",
            "Connections at one time. At the cap a new one takes the place of the oldest that has not had a review "
                + "answered yet, else of the one that is idle the longest."
        ) { $0.server.maximumConnections = $1 },
        .integer("server.threads", 1...256, default: "one per processor", "Threads that answer.") {
            $0.server.threads = $1
        },
        .word(
            "log.level", LogLevel.allCases.map(\.rawValue), default: LogLevel.info.rawValue, flag: "--log-level",
            "The least severe level that is logged."
        ) { target, name in target.logLevel = LogLevel(rawValue: name) ?? .info },
    ]

    private static let kubernetesKeys: [ConfigurationKey<WebhookConfiguration>] = [
        .parsed(
            "kubernetes.url", "an origin such as `https://kubernetes.default.svc`", default: "in-cluster",
            "The apiserver that is asked for a ServiceAccount's annotations.", parse: TextRule.httpsOrigin
        ) { $0.kubernetes.url = $1 },
        .parsed(
            "kubernetes.tokenFile", "an absolute path", default: "in-cluster",
            "Bearer token for it, read anew for every request.", parse: TextRule.path
        ) { $0.kubernetes.tokenFile = $1 },
        .parsed(
            "kubernetes.caFile", "an absolute path", default: "in-cluster",
            "PEM certificates that the apiserver's is verified with.", parse: TextRule.path
        ) { $0.kubernetes.caFile = $1 },
        .truth(
            "kubernetes.readPullSecrets", default: false,
            "Whether the pull secrets of a pod are read from its namespace when one of `registries` is asked for it. Needs "
                + "the verb `get` on `secrets`."
        ) { $0.registries.readsPullSecrets = $1 },
    ]
}
