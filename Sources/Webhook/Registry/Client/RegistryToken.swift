import JSON
import VaultClient

/// A bearer token of a registry (distribution specification, "Token Authentication").
struct RegistryToken: Sendable {
    let header: String
    let lifetime: Duration

    private static let maximumBytes = 64 << 10
    /// What the specification tells clients to assume.
    private static let defaultLifetime = 60
    /// However long a token lives, rights that were taken away end within this time.
    private static let maximumLifetime = 300

    /// Reads a token endpoint's answer.
    init(_ body: SecretBytes) throws(ImageError) {
        let document =
            body.count <= Self.maximumBytes
            ? body.withUnsafeBytes { try? JSONValue(parsing: $0.bindMemory(to: UInt8.self)) } : nil
        guard let document, let token = document["token"]?.string ?? document["access_token"]?.string,
            !token.isEmpty, token.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { throw .malformedAnswer(.token) }
        header = "Bearer \(token)"
        let seconds = min(max(document["expires_in"]?.int ?? Self.defaultLifetime, 0), Self.maximumLifetime)
        // With a tenth left it is replaced: it must still be good when it arrives.
        lifetime = .seconds(seconds) * 9 / 10
    }

    /// The request for a token that lets pull one repository.
    ///
    /// The scope is ours and not the challenge's: a registry has no say in what else a token may be good for.
    static func request(
        realm: String, service: String?, repository: String, credential: RegistryCredential?
    ) -> HTTPRequest {
        var fields = [("scope", "repository:\(repository):pull")]
        if let service { fields.append(("service", service)) }
        var headers = [("Accept", "application/json")]
        if let refreshToken = credential?.identityToken {
            fields += [
                ("grant_type", "refresh_token"), ("client_id", "latchkey"),
                ("refresh_token", refreshToken.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }),
            ]
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            return HTTPRequest(method: "POST", url: realm, headers: headers, body: FormEncoding.encode(fields))
        }
        if let credential { headers.append(("Authorization", credential.basicAuthorization)) }
        let query = String(decoding: FormEncoding.encode(fields), as: UTF8.self)
        return HTTPRequest(url: "\(realm)\(realm.contains("?") ? "&" : "?")\(query)", headers: headers)
    }
}
