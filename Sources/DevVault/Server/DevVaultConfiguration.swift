/// What a dev vault serves and whom it trusts. Everything has a default; with none of it changed the vault answers, but
/// knows no identity that could log in.
public struct DevVaultConfiguration: Sendable {
    /// The JSON file that holds all state, made with mode 0600 when missing; nil keeps everything in memory.
    /// It holds secrets and private keys in the clear: this is a tool for development.
    public var stateFile: String?
    /// Where the development CA and the server's certificate are kept; default: beside the state file.
    public var certificateFolder: String?
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 0
    /// The vaults are `<name>.<this>`.
    public var dnsSuffix = "vault.localhost"
    /// The tenant of the vaults, which the challenge names.
    public var tenantID = "11111111-2222-3333-4444-555555555555"
    /// Further tenants that the token endpoint knows.
    public var otherTenantIDs: [String] = []
    /// The vault that requests to an address or to plain `localhost` mean; default: the first one.
    public var defaultVault: String?
    /// The vaults.
    public var vaults: [VaultConfiguration] = []
    /// The federated identity credentials of the applications.
    public var identities: [FederatedIdentity] = []
    /// Whose tokens are verified with which keys.
    public var issuers: [TrustedIssuer] = []
    /// Life of an access token, seconds.
    public var tokenLifetime = 3600
    /// Resources besides the vaults' own suffix for which tokens are given.
    public var resources = ["https://vault.azure.net"]
    /// How many polls a deletion, a recovery and a certificate's creation take until they are seen as done.
    /// The real service takes seconds; 0 is the shortest answer that clients understand.
    public var pollsUntilSettled = 0
    /// Lets holders of this text steer faults over `/_devvault/faults`; nil switches the endpoint off.
    public var controlToken: String?
    /// Further names in the server's certificate, e.g. a host name in a cluster.
    public var certificateNames: [String] = []

    /// The defaults.
    public init() {}
}

/// A vault and who may do what in it.
public struct VaultConfiguration: Sendable {
    /// How the real service was set up to decide; it names the reason of a refusal.
    public enum Authorization: String, Sendable {
        /// Role assignments: `ForbiddenByRbac`.
        case rbac
        /// The vault's own access policies: `ForbiddenByPolicy`.
        case accessPolicy
    }

    /// The vault's name: the first label of its host.
    public var name: String
    /// How access is decided.
    public var authorization: Authorization = .rbac
    /// Rights by application (client) id.
    public var grants: [VaultGrant]

    /// A vault.
    public init(_ name: String, authorization: Authorization = .rbac, grants: [VaultGrant] = []) {
        self.name = name
        self.authorization = authorization
        self.grants = grants
    }
}

/// What one application may do in a vault, in the words of access policies; `*` means all.
public struct VaultGrant: Sendable {
    /// The application.
    public var clientID: String
    /// `get`, `list`, `set`, `delete`, `recover`, `purge`, `backup`, `restore`
    public var secrets: Set<String>
    /// Those and `create`, `import`, `update`, `encrypt`, `decrypt`, `sign`, `verify`, `wrapKey`, `unwrapKey`, `rotate`
    public var keys: Set<String>
    /// Those and `create`, `import`, `update`, `managecontacts`, `manageissuers`
    public var certificates: Set<String>

    /// Everything, unless said otherwise.
    public init(
        clientID: String, secrets: Set<String> = ["*"], keys: Set<String> = ["*"], certificates: Set<String> = ["*"]
    ) {
        self.clientID = clientID
        self.secrets = secrets
        self.keys = keys
        self.certificates = certificates
    }
}
