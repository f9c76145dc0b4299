/// What the webhook tells the agent: the whole contract between the two. It holds references and identities, no secret.
///
/// It travels as JSON in the environment variable ``environmentVariable`` of the injected container.
public struct AgentPlan: Sendable {
    /// The variable that carries the plan.
    public static let environmentVariable = "LATCHKEY_PLAN"
    /// The version that this program writes and the only one that it reads.
    public static let currentVersion = 1

    /// One file to write, or with `#*` one directory of files.
    public struct File: Sendable {
        /// The annotation or other place that asked for it, e.g. `latchkey.dev/secret.db`; for messages.
        public let source: String
        /// Where it appears, relative to the volume's root; with `#*` the directory of the keys' files.
        public let path: RelativePath
        /// Permission bits, 0 to 0o777.
        public let mode: UInt32
        /// What goes into it.
        public let content: Content

        /// What a file is made of.
        public enum Content: Sendable {
            /// What one reference points to; with `#*` a file per key.
            case reference(SecretReference)
            /// A text with secrets put in.
            case template(Template)
        }

        /// A file.
        public init(source: String, path: RelativePath, mode: UInt32, content: Content) {
            self.source = source
            self.path = path
            self.mode = mode
            self.content = content
        }

        /// A file with what one reference points to.
        public init(source: String, path: RelativePath, mode: UInt32, reference: SecretReference) {
            self.init(source: source, path: path, mode: mode, content: .reference(reference))
        }

        /// What it needs, in its order.
        public var references: [SecretReference] {
            switch content {
            case .reference(let reference): [reference]
            case .template(let template): template.references
            }
        }

        /// Whether it becomes a directory with a file per key (`#*`).
        public var isDirectory: Bool {
            if case .reference(let reference) = content { reference.field == .all } else { false }
        }
    }

    /// What Azure's login and Key Vault need.
    public struct Azure: Sendable {
        /// An application or managed identity in Microsoft Entra ID.
        public struct Identity: Sendable {
            /// The directory's id or domain.
            public let tenantID: String
            /// The application's or managed identity's client id.
            public let clientID: String

            /// An identity.
            public init(tenantID: String, clientID: String) {
                self.tenantID = tenantID
                self.clientID = clientID
            }
        }

        /// A DNS domain of vaults and the scope of tokens for them.
        public struct Domain: Sendable, Equatable {
            /// E.g. `vault.azure.net`; a port may follow.
            public let suffix: String
            /// E.g. `https://vault.azure.net/.default`.
            public let scope: String

            /// A domain.
            public init(suffix: String, scope: String) {
                self.suffix = suffix
                self.scope = scope
            }
        }

        /// Origin of Entra ID, e.g. `https://login.microsoftonline.com`.
        public let authority: String
        /// Where the projected service-account token appears; read anew for each exchange.
        public let tokenFile: String
        /// Domains that vaults may lie in; the first one completes a bare vault name.
        public let domains: [Domain]
        /// Origins of vaults that the operator configured by name; they come before the domains.
        public let endpoints: [String: String]
        /// Who logs in.
        public let identity: Identity
        /// Who logs in for one vault instead, by the vault as references write it, in lower case.
        public let vaultIdentities: [String: Identity]

        /// Azure's part of a plan.
        public init(
            authority: String, tokenFile: String, domains: [Domain], endpoints: [String: String] = [:],
            identity: Identity, vaultIdentities: [String: Identity] = [:]
        ) {
            self.authority = authority
            self.tokenFile = tokenFile
            self.domains = domains
            self.endpoints = endpoints
            self.identity = identity
            self.vaultIdentities = vaultIdentities
        }
    }

    /// Where the memory-backed volume is mounted in the agent, an absolute path.
    public let directory: String
    /// The group that the files are given, or nil for what the volume gives them.
    public let group: UInt32?
    /// The files.
    public let files: [File]
    /// How long transient faults are retried before the start counts as failed, in seconds.
    public let startDeadlineSeconds: Int
    /// What happens after the start; nil where rotation is not looked for.
    public let refresh: Refresh?
    /// Present where a file's reference is `akv://`.
    public let azure: Azure?
    /// PEM certificates that are trusted beside the image's own, or nil.
    public let caBundle: String?

    /// A plan.
    public init(
        directory: String, group: UInt32?, files: [File], startDeadlineSeconds: Int, refresh: Refresh? = nil,
        azure: Azure?, caBundle: String?
    ) {
        self.directory = directory
        self.group = group
        self.files = files
        self.startDeadlineSeconds = startDeadlineSeconds
        self.refresh = refresh
        self.azure = azure
        self.caBundle = caBundle
    }
}
