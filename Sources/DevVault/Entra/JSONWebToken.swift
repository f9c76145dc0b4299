import JSON

/// A signed token (RFC 7515, compact form), split and decoded but not verified.
struct JSONWebToken: Sendable {
    let header: JSONValue
    let claims: JSONValue
    let signature: [UInt8]
    /// What the signature covers.
    let signedBytes: [UInt8]

    /// Kubernetes' tokens are about 1 KB; nobody needs a parse of more than this.
    static let maximumLength = 16 * 1024

    /// Nil for everything that is not three base64url parts of which the first two are JSON objects.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64.decode(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signedBytes = Array(parts[0]) + [UInt8(ascii: ".")] + parts[1]
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONValue? {
        guard let bytes = Base64.decode(part), let value = try? JSONValue(parsing: bytes), value.object != nil else {
            return nil
        }
        return value
    }

    /// The algorithm where it is one of a key pair; `none` and HMAC have none.
    var algorithm: SignatureAlgorithm? { header["alg"]?.string.flatMap(SignatureAlgorithm.init(rawValue:)) }
    var keyID: String? { header["kid"]?.string }
    var issuer: String? { claims["iss"]?.string }
    var subject: String? { claims["sub"]?.string }

    /// `aud` is a string or a list of them.
    var audiences: [String] {
        claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.array?.compactMap(\.string) ?? []
    }

    /// A time in unix seconds; nil where the claim is absent or no number. Fractions are cut off.
    func time(_ claim: String) -> Int? {
        guard case .number(let number)? = claims[claim] else { return nil }
        if let whole = Int(number.text) { return whole }
        guard let value = Double(number.text), value.magnitude < 1e15 else { return nil }
        return Int(value)
    }

    /// Makes and signs a token.
    static func sign(
        _ claims: JSONValue, with key: AsymmetricKey, keyID: String, algorithm: SignatureAlgorithm = .rs256
    ) throws(CryptoError) -> String {
        let header: JSONValue = ["typ": "JWT", "alg": .string(algorithm.rawValue), "kid": .string(keyID)]
        let signed = Base64.encodeURL(header.serialized()) + "." + Base64.encodeURL(claims.serialized())
        let digest = algorithm.digest.digest(Array(signed.utf8))
        return signed + "." + Base64.encodeURL(try key.sign(digest: digest, algorithm))
    }
}
