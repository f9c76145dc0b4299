internal import COpenSSL
internal import JSON

/// The public part of a JSON Web Key (RFC 7517, 7518) as Key Vault gives it.
struct JWKPublicKey {
    /// Why a key cannot be written as PEM.
    enum Problem: Error, Equatable {
        /// It is symmetric: there is no public part.
        case symmetric
        /// An unknown kind or curve, or parameters that are not of the kind.
        case unusable
    }

    private let subjectPublicKeyInfo: [UInt8]

    /// Reads `key` of a key bundle. The `-HSM` kinds differ in where the private part lies, not in the public one.
    init(_ key: JSONValue) throws(Problem) {
        switch key["kty"]?.string {
        case "RSA", "RSA-HSM":
            // RFC 3279, 2.3.1
            let modulus = try Self.bytes(key, "n", 128...2048)
            let exponent = try Self.bytes(key, "e", 1...8)
            subjectPublicKeyInfo = DERWriter.sequence([
                DERWriter.sequence([Self.rsaEncryption, DERWriter.null]),
                DERWriter.bitString(
                    DERWriter.sequence([DERWriter.integer(modulus), DERWriter.integer(exponent)])),
            ])
        case "EC", "EC-HSM":
            guard let curve = key["crv"]?.string.flatMap(Curve.init) else { throw .unusable }
            // RFC 5480, 2; the point uncompressed (SEC 1, 2.3.3)
            let point = [0x04] + (try Self.coordinate(key, "x", curve)) + (try Self.coordinate(key, "y", curve))
            subjectPublicKeyInfo = DERWriter.sequence([
                DERWriter.sequence([Self.ecPublicKey, curve.identifier]), DERWriter.bitString(point),
            ])
        case "oct", "oct-HSM": throw .symmetric
        default: throw .unusable
        }
    }

    /// SubjectPublicKeyInfo as PEM, once OpenSSL has found it to be a key (for EC: a point on the curve).
    func pem() throws(Problem) -> SecretBytes {
        defer { ERR_clear_error() }
        let key = subjectPublicKeyInfo.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_PUBKEY(nil, &position, bytes.count)
        }
        guard let key else { throw .unusable }
        defer { EVP_PKEY_free(key) }
        let buffer = OpenSSLBuffer()
        guard PEM_write_bio_PUBKEY(buffer.pointer, key) == 1 else { throw .unusable }
        return buffer.content
    }

    private static let rsaEncryption: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01,
    ]
    private static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]

    private enum Curve: String {
        case p256 = "P-256"
        case p256K = "P-256K"
        case p384 = "P-384"
        case p521 = "P-521"

        /// The named curve as an object identifier in DER.
        var identifier: [UInt8] {
            switch self {
            case .p256: [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            case .p256K: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A]
            case .p384: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
            case .p521: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]
            }
        }

        /// In bytes.
        var coordinateSize: Int {
            switch self {
            case .p256, .p256K: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    private static func bytes(_ key: JSONValue, _ name: String, _ size: ClosedRange<Int>) throws(Problem) -> [UInt8] {
        guard let bytes = key[name]?.string.flatMap({ Base64.decode($0, .url) }), size ~= bytes.count else {
            throw .unusable
        }
        return bytes.withUnsafeBytes(Array.init)
    }

    private static func coordinate(_ key: JSONValue, _ name: String, _ curve: Curve) throws(Problem) -> [UInt8] {
        let bytes = try bytes(key, name, 1...curve.coordinateSize)
        return Array(repeating: 0, count: curve.coordinateSize - bytes.count) + bytes
    }
}
