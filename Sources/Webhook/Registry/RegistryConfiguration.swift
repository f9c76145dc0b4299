public import VaultClient

/// The registries that may be asked for an image's command, and how.
public struct RegistryConfiguration: Sendable, Equatable {
    /// One registry.
    public struct Registry: Sendable, Equatable {
        /// As images name it: `docker.io`, `registry.example:5000`. In lower case.
        public var host: String
        /// Whether it is spoken to without TLS. Credentials then go unprotected.
        public var plainHTTP = false
        /// PEM certificates that it is trusted by, beside the system's.
        public var caFile: String?
        /// Hosts (`host[:port]`, `*` within a label) that a request for a blob may be redirected to, beside the registry
        /// itself and, for a registry of ``WellKnownRegistry``, those. No credential goes there.
        public var blobHosts: [String] = []
        /// Hosts (`host[:port]`) whose token endpoints get the registry's credentials, beside the registry itself.
        public var tokenHosts: [String] = []

        /// A registry under TLS with a certificate of a public CA.
        public init(host: String) {
            self.host = host
        }
    }

    /// Nothing else is asked. Empty switches the look-up off.
    public var registries: [Registry] = []
    /// How long one look-up may take as a whole.
    public var timeout: Duration = .seconds(2)
    /// Public CAs: a PEM file.
    public var systemCAFile = "/etc/ssl/certs/ca-certificates.crt"
    /// The proxy on the way to registries.
    public var proxy = ProxyOptions()
    /// Whether the pull secrets of pods and of their ServiceAccounts may be read (`kubernetes.readPullSecrets`).
    public var readsPullSecrets = false

    /// No registry.
    public init() {}
}
