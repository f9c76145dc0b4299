public import Injector

/// The operator's configuration, checked. See docs/configuration.md.
public struct WebhookConfiguration: Sendable, Equatable {
    /// The two listeners.
    public struct Server: Sendable, Equatable {
        /// Where the apiserver calls: HTTPS.
        public var address = ListenAddress(host: "0.0.0.0", port: 8443)
        /// Where metrics and probes are answered: plain HTTP.
        public var metricsAddress = ListenAddress(host: "0.0.0.0", port: 9090)
        /// PEM, the leaf first.
        public var certificateFile = "/etc/latchkey/tls/tls.crt"
        /// PEM.
        public var keyFile = "/etc/latchkey/tls/tls.key"
        /// How long the listener still accepts after SIGTERM.
        public var drainDelay: Duration = .seconds(5)
        /// How long open connections may live on after ``drainDelay``.
        public var drainTimeout: Duration = .seconds(20)
        /// Connections of the HTTPS listener at one time.
        public var maximumConnections = 1000
        /// Event loop threads; nil for one per processor.
        public var threads: Int?

        /// The defaults.
        public init() {}
    }

    /// How the apiserver is asked about ServiceAccounts; nil means as every pod in a cluster can.
    public struct Kubernetes: Sendable, Equatable {
        /// Origin of the apiserver.
        public var url: String?
        /// Bearer token, read for every request.
        public var tokenFile: String?
        /// PEM certificates that the apiserver's is verified with.
        public var caFile: String?

        /// In-cluster.
        public init() {}
    }

    /// Where the version comes from that decides about the shape of pods.
    public private(set) var clusterVersion = ClusterVersion.auto
    /// What the injector needs. Its shape is the one for ``clusterVersion``; that for 1.29 with `auto`, until the nodes are
    /// asked.
    public var injector: InjectorConfiguration
    /// Where ``InjectorConfiguration/caBundle`` was or is to be read from.
    public var caBundleFile: String?
    public var server = Server()
    public var kubernetes = Kubernetes()
    /// The registries that may be asked for images' commands.
    public var registries = RegistryConfiguration()
    /// The least severe level that is logged.
    public var logLevel = LogLevel.info

    /// The defaults with this agent image.
    public init(agentImage: String) {
        injector = InjectorConfiguration(agentImage: agentImage)
    }

    /// Sets ``clusterVersion`` and the shape that follows from it.
    public mutating func follow(_ version: ClusterVersion) {
        clusterVersion = version
        let kubelet: KubernetesVersion =
            switch version {
            case .version(let version): version
            case .auto: .nativeSidecars
            }
        injector.follow(kubelet: kubelet)
    }
}
