import COpenSSL
import JSON

extension AsymmetricKey {
    /// A public key from a JSON Web Key (RFC 7517) of type RSA or EC.
    convenience init(publicJWK jwk: JSONValue) throws(CryptoError) {
        switch jwk["kty"]?.string {
        case "RSA", "RSA-HSM":
            let n = try Self.number(jwk, "n")
            let e = try Self.number(jwk, "e")
            let algorithm = DER.sequence([DER.objectIdentifier(DER.rsaEncryption), DER.null])
            let key = DER.sequence([DER.unsigned(n), DER.unsigned(e)])
            try self.init(publicDER: DER.sequence([algorithm, DER.bitString(key)]))
        case "EC", "EC-HSM":
            let (curve, point) = try Self.point(jwk)
            let algorithm = DER.sequence([
                DER.objectIdentifier(DER.ecPublicKey), DER.objectIdentifier(curve.identifier),
            ])
            try self.init(publicDER: DER.sequence([algorithm, DER.bitString(point)]))
        default: throw .malformed
        }
    }

    /// A key pair from a JSON Web Key with its private members.
    convenience init(privateJWK jwk: JSONValue) throws(CryptoError) {
        switch jwk["kty"]?.string {
        case "RSA", "RSA-HSM":
            var parts = [DER.unsigned([0])]
            for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
                parts.append(DER.unsigned(try Self.number(jwk, name)))
            }
            try self.init(privateDER: DER.sequence(parts))
            guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .failed }
            defer { EVP_PKEY_CTX_free(context) }
            guard EVP_PKEY_pairwise_check(context) == 1 else { throw .malformed }
        case "EC", "EC-HSM":
            let (curve, point) = try Self.point(jwk)
            let d = try Self.number(jwk, "d")
            guard d.count <= curve.size else { throw .malformed }
            let padded = [UInt8](repeating: 0, count: curve.size - d.count) + d
            try self.init(
                privateDER: DER.sequence([
                    DER.unsigned([1]), DER.octetString(padded),
                    DER.element(0xA0, DER.objectIdentifier(curve.identifier)),
                    DER.element(0xA1, DER.bitString(point)),
                ]))
            guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .failed }
            defer { EVP_PKEY_CTX_free(context) }
            guard EVP_PKEY_check(context) == 1 else { throw .malformed }
        default: throw .malformed
        }
    }

    /// The members `kty`, `n`, `e` or `kty`, `crv`, `x`, `y`.
    func publicJWK() throws(CryptoError) -> [(name: String, value: JSONValue)] {
        switch kind {
        case .rsa:
            [
                ("kty", "RSA"), ("n", .string(Base64.encodeURL(try parameter("n")))),
                ("e", .string(Base64.encodeURL(try parameter("e")))),
            ]
        case .ec(let curve):
            [
                ("kty", "EC"), ("crv", .string(curve.rawValue)),
                ("x", .string(Base64.encodeURL(try parameter("qx", size: curve.size)))),
                ("y", .string(Base64.encodeURL(try parameter("qy", size: curve.size)))),
            ]
        case nil: throw .wrongAlgorithm
        }
    }

    private func parameter(_ name: String, size: Int? = nil) throws(CryptoError) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &number) == 1, let number else { throw .failed }
        defer { BN_clear_free(number) }
        let count = size ?? (Int(BN_num_bits(number)) + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count)
        guard BN_bn2binpad(number, &bytes, Int32(clamping: count)) >= 0 else { throw .failed }
        return bytes
    }

    /// At most 8192 bits: a key of a remote party must not cost unbounded work.
    private static func number(_ jwk: JSONValue, _ name: String) throws(CryptoError) -> [UInt8] {
        guard let bytes = jwk[name]?.string.flatMap({ Base64.decode($0.utf8) }), !bytes.isEmpty, bytes.count <= 1025
        else { throw .malformed }
        return Array(bytes.drop { $0 == 0 })
    }

    private static func point(_ jwk: JSONValue) throws(CryptoError) -> (EllipticCurve, [UInt8]) {
        guard let curve = jwk["crv"]?.string.flatMap(EllipticCurve.init(rawValue:)) else { throw .malformed }
        var point: [UInt8] = [4]
        for name in ["x", "y"] {
            let coordinate = try number(jwk, name)
            guard coordinate.count <= curve.size else { throw .malformed }
            point += [UInt8](repeating: 0, count: curve.size - coordinate.count) + coordinate
        }
        return (curve, point)
    }
}
