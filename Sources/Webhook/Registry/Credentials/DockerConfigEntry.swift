import JSON
import VaultClient

/// One entry of a Docker configuration: `username` and `password`, or both in `auth`, or an `identitytoken`.
enum DockerConfigEntry {
    /// Nil where the entry is there and says nothing, as `docker login` with a credential helper leaves it.
    static func credential(_ entry: JSONValue) throws(DockerConfigProblem) -> RegistryCredential? {
        guard entry.object != nil else { throw .entry }
        var username = try text(entry["username"]) ?? ""
        var password = SecretBytes(text: try text(entry["password"]) ?? "")
        let identityToken = try text(entry["identitytoken"]).flatMap { $0.isEmpty ? nil : SecretBytes(text: $0) }
        if let auth = try text(entry["auth"]), !auth.isEmpty {
            guard let pair = split(auth) else { throw .auth }
            (username, password) = pair
        }
        guard !username.isEmpty || password.count > 0 || identityToken != nil else { return nil }
        return RegistryCredential(username: username, password: password, identityToken: identityToken)
    }

    private static func text(_ value: JSONValue?) throws(DockerConfigProblem) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw .entry
        }
    }

    private static func split(_ auth: String) -> (String, SecretBytes)? {
        Base64.decode(auth)?.withUnsafeBytes { bytes in
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
                let username = String(validating: bytes[..<colon], as: UTF8.self)
            else { return nil }
            return (username, SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[(colon + 1)...])))
        }
    }
}
