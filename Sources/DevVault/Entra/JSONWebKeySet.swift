import JSON

/// The public keys of an issuer (RFC 7517), by their ids.
struct JSONWebKeySet: Sendable {
    private struct Entry: Sendable {
        let keyID: String?
        let algorithm: String?
        let key: AsymmetricKey
    }

    private var entries: [Entry] = []

    /// Keys that cannot be used here (symmetric ones, encryption keys, short RSA) are left out.
    init(_ document: JSONValue) {
        for jwk in document["keys"]?.array ?? [] {
            guard jwk["use"]?.string ?? "sig" == "sig", let key = try? AsymmetricKey(publicJWK: jwk) else { continue }
            if case .rsa(let bits)? = key.kind, bits < 2048 { continue }
            entries.append(Entry(keyID: jwk["kid"]?.string, algorithm: jwk["alg"]?.string, key: key))
        }
    }

    /// The key that a token names. A token without `kid` is taken where the issuer has one key only.
    func key(for token: JSONWebToken) -> AsymmetricKey? {
        guard let algorithm = token.algorithm else { return nil }
        let entry =
            if let keyID = token.keyID {
                entries.first { $0.keyID?.isSameText(as: keyID) ?? false }
            } else {
                entries.count == 1 ? entries.first : nil
            }
        guard let entry, entry.algorithm ?? algorithm.rawValue == algorithm.rawValue else { return nil }
        return entry.key
    }
}
