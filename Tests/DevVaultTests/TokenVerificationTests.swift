import JSON
import Testing

@testable import DevVault

/// The table of tokens that must not log anybody in.
@Suite struct TokenVerificationTests {
    static let now = 1_750_000_000
    static let rsa = try? AsymmetricKey.generate(.rsa(bits: 2048))
    static let ec = try? AsymmetricKey.generate(.ec(.p384))

    let rsaKey: AsymmetricKey
    let ecKey: AsymmetricKey
    let keys: JSONWebKeySet

    init() throws {
        rsaKey = try #require(Self.rsa)
        ecKey = try #require(Self.ec)
        keys = JSONWebKeySet([
            "keys": [try Self.jwk(rsaKey, "rsa", algorithm: nil), try Self.jwk(ecKey, "ec", algorithm: "ES384")]
        ])
    }

    static func jwk(_ key: AsymmetricKey, _ id: String, algorithm: String?) throws -> JSONValue {
        var object = JSONObject([.init(name: "kid", value: .string(id)), .init(name: "use", value: "sig")])
        if let algorithm { object.append("alg", .string(algorithm)) }
        for member in try key.publicJWK() { object.append(member.name, member.value) }
        return .object(object)
    }

    static func claims(_ changes: [String: Int?] = [:]) -> JSONValue {
        var object = JSONObject([.init(name: "iss", value: "https://issuer"), .init(name: "sub", value: "subject")])
        for (name, offset) in [("iat", 0), ("nbf", 0), ("exp", 3600)] {
            guard let value = changes[name, default: offset] else { continue }
            object.append(name, .number(JSONNumber(now + value)))
        }
        return .object(object)
    }

    func token(
        _ changes: [String: Int?] = [:], key: AsymmetricKey? = nil, id: String = "rsa",
        algorithm: SignatureAlgorithm = .rs256
    ) throws -> JSONWebToken {
        let text = try JSONWebToken.sign(
            Self.claims(changes), with: key ?? rsaKey, keyID: id, algorithm: algorithm)
        return try #require(JSONWebToken(text))
    }

    func fault(_ token: JSONWebToken) -> TokenFault? {
        do throws(TokenFault) { try token.verify(with: keys, now: Self.now) } catch { return error }
        return nil
    }

    @Test(arguments: [SignatureAlgorithm.rs256, .rs384, .rs512])
    func everyRSAHashIsTaken(algorithm: SignatureAlgorithm) throws {
        #expect(fault(try token(algorithm: algorithm)) == nil)
    }

    @Test func anEllipticSignatureIsTaken() throws {
        #expect(fault(try token(key: ecKey, id: "ec", algorithm: .es384)) == nil)
    }

    @Test func timesAreHeldWithFiveMinutesOfSkew() throws {
        #expect(fault(try token(["exp": -299])) == nil)
        #expect(fault(try token(["exp": -300])) == .outsideValidity(from: Self.now, until: Self.now - 300))
        #expect(fault(try token(["nbf": 300])) == nil)
        #expect(fault(try token(["nbf": 301])) == .outsideValidity(from: Self.now + 301, until: Self.now + 3600))
        #expect(fault(try token(["iat": 301])) == .outsideValidity(from: Self.now, until: Self.now + 3600))
        #expect(fault(try token(["exp": nil])) == .malformed)
        #expect(fault(try token(["iat": nil, "nbf": nil])) == nil)
    }

    @Test func anotherKeyIsRefused() throws {
        let stranger = try AsymmetricKey.generate(.rsa(bits: 2048))
        #expect(fault(try token(key: stranger)) == .wrongSignature)
        #expect(fault(try token(id: "nobody")) == .unknownKey)
        // The right signature under the id of another key.
        #expect(fault(try token(id: "ec")) == .unknownKey)
    }

    @Test func algorithmsOutsideOfTheTableAreRefused() throws {
        let good = try JSONWebToken.sign(Self.claims(), with: rsaKey, keyID: "rsa")
        let parts = good.split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        for name in ["none", "None", "HS256", "HS512", "RS1", ""] {
            let header: JSONValue = ["alg": .string(name), "kid": "rsa"]
            let head = Base64.encodeURL(header.serialized())
            // HMAC with the public key as its secret: the classical confusion.
            let secret = try rsaKey.publicJWK().map { $0.value.string ?? "" }.joined()
            let mac = DigestAlgorithm.sha256.authenticate(
                Array("\(head).\(parts[1])".utf8), key: Array(secret.utf8))
            for signature in ["", parts[2], Base64.encodeURL(mac)] {
                let token = try #require(JSONWebToken("\(head).\(parts[1]).\(signature)"))
                #expect(fault(token) == .malformed)
            }
        }
    }

    @Test func everyChangedBitOfTheSignatureIsSeen() throws {
        let good = try token()
        for index in [0, 1, 100, good.signature.count - 1] {
            var bytes = good.signature
            bytes[index] ^= 1
            let text = String(decoding: good.signedBytes, as: UTF8.self) + "." + Base64.encodeURL(bytes)
            #expect(fault(try #require(JSONWebToken(text))) == .wrongSignature)
        }
        let short = String(decoding: good.signedBytes, as: UTF8.self) + "." + Base64.encodeURL([1, 2, 3])
        #expect(fault(try #require(JSONWebToken(short))) == .wrongSignature)
    }

    @Test func aTokenWithoutKeyIdNeedsAnIssuerWithOneKey() throws {
        let header: JSONValue = ["alg": "RS256"]
        let signed = Base64.encodeURL(header.serialized()) + "." + Base64.encodeURL(Self.claims().serialized())
        let digest = DigestAlgorithm.sha256.digest(Array(signed.utf8))
        let signature = try rsaKey.sign(digest: digest, .rs256)
        let token = try #require(JSONWebToken(signed + "." + Base64.encodeURL(signature)))
        #expect(fault(token) == .unknownKey)
        let single = JSONWebKeySet(["keys": [try Self.jwk(rsaKey, "x", algorithm: "RS256")]])
        #expect(throws: Never.self) { try token.verify(with: single, now: Self.now) }
    }

    @Test func keysThatAreNoSignatureKeysAreLeftOut() throws {
        let symmetric: JSONValue = ["keys": [["kty": "oct", "kid": "rsa", "k": "AAAA"]]]
        #expect(JSONWebKeySet(symmetric).key(for: try token()) == nil)
        let offCurve: JSONValue = ["keys": [["kty": "EC", "kid": "rsa", "crv": "P-256", "x": "AQ", "y": "AQ"]]]
        #expect(JSONWebKeySet(offCurve).key(for: try token()) == nil)
        #expect(JSONWebKeySet(["keys": "none"]).key(for: try token()) == nil)
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "e30.e30", "e30.e30.e30.e30", "e30.W10.", "!.e30.e30", "e30.e30.="])
    func rubbishIsNoToken(text: String) {
        #expect(JSONWebToken(text) == nil)
    }

    @Test func hugeTokensAreNotParsed() {
        #expect(JSONWebToken("e30." + String(repeating: "A", count: 20_000) + ".e30") == nil)
    }
}
