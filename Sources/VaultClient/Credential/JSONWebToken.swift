internal import JSON

/// What a JSON Web Token says of itself (RFC 7519), read without verification: to know when it ends and to say in
/// messages who it is for. Nothing is allowed or refused on the strength of these claims.
struct JSONWebToken: Sendable, Equatable {
    /// `iss`
    let issuer: String?
    /// `sub`
    let subject: String?
    /// `aud`
    let audiences: [String]
    /// `exp`, in seconds since 1970.
    let expiry: Int?

    /// Nil where the text is not three parts of base64url, the second of them a JSON object.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[2].isEmpty,
            parts.allSatisfy({ $0.utf8.allSatisfy(Self.isBase64URL) }),
            let payload = Base64.decode(String(parts[1]), .url),
            let claims = payload.json?.object
        else { return nil }
        issuer = claims["iss"]?.string
        subject = claims["sub"]?.string
        switch claims["aud"] {
        case .string(let audience): audiences = [audience]
        case .array(let values): audiences = values.compactMap(\.string)
        default: audiences = []
        }
        expiry = claims["exp"].flatMap(Self.seconds)
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// A NumericDate; it may have a fraction.
    private static func seconds(_ value: JSONValue) -> Int? {
        guard case .number(let number) = value else { return nil }
        return Int(number.text.prefix { $0 != "." })
    }
}
