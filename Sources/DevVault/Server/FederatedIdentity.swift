public import JSON

/// A federated identity credential: tokens of this issuer, subject and audience log in as this application.
public struct FederatedIdentity: Sendable, Equatable {
    /// The `iss` of the token, compared character by character.
    public var issuer: String
    /// The `sub`, e.g. `system:serviceaccount:<namespace>:<name>`.
    public var subject: String
    /// The `aud`.
    public var audience: String
    /// The application (client) id.
    public var clientID: String
    /// The tenant; nil: the configuration's.
    public var tenantID: String?

    /// A credential.
    public init(
        issuer: String, subject: String, audience: String = "api://AzureADTokenExchange", clientID: String,
        tenantID: String? = nil
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.clientID = clientID
        self.tenantID = tenantID
    }
}

/// Where the public keys of an issuer come from.
public struct TrustedIssuer: Sendable {
    /// A source of keys.
    public enum Keys: Sendable {
        /// A JSON Web Key Set.
        case inline(JSONValue)
        /// A file with a JSON Web Key Set, read at start and for every token with an unknown `kid`.
        case file(String)
        /// The key set's own address, fetched at start and for tokens with an unknown `kid`.
        case url(String, caFile: String? = nil, bearerTokenFile: String? = nil)
        /// `<issuer>/.well-known/openid-configuration`, whose `jwks_uri` is then fetched.
        case discovery(caFile: String? = nil, bearerTokenFile: String? = nil)
    }

    /// The `iss` of its tokens.
    public var issuer: String
    /// Its keys.
    public var keys: Keys

    /// An issuer.
    public init(issuer: String, keys: Keys) {
        self.issuer = issuer
        self.keys = keys
    }
}
