import VaultClient

/// What one entry of a pull secret says to a registry. Never shown.
public struct RegistryCredential: Sendable {
    /// What a credential is told from another by, without holding it.
    struct Identity: Hashable, Sendable, CustomStringConvertible {
        fileprivate let digest: ContentDigest
        var description: String { "<credential>" }
    }

    /// For Basic authentication, and for the token of a registry that wants one; a name may be all there is.
    let username: String
    let password: SecretBytes
    /// A refresh token, which takes the place of the password where a registry wants a token.
    let identityToken: SecretBytes?
    let identity: Identity

    init(username: String, password: SecretBytes, identityToken: SecretBytes? = nil) {
        self.username = username
        self.password = password
        self.identityToken = identityToken
        // Each part behind its length, so that no two credentials give the same bytes.
        var parts: [UInt8] = []
        for part in [SecretBytes(text: username), password, identityToken].compactMap({ $0 }) {
            parts += Array("\(part.count):".utf8) + part.withUnsafeBytes(Array.init)
        }
        identity = Identity(digest: ContentDigest(of: parts))
    }

    /// The value of a header `Authorization` for Basic authentication (RFC 7617).
    var basicAuthorization: String {
        let pair = Array(username.utf8) + [UInt8(ascii: ":")] + password.withUnsafeBytes(Array.init)
        return "Basic " + Base64Text.encode(pair)
    }
}

extension RegistryCredential: CustomStringConvertible, CustomReflectable {
    /// Never the credential.
    public var description: String { "<redacted>" }
    /// Nothing, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
