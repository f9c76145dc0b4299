/// The curves of Key Vault, by their names in a JSON Web Key.
enum EllipticCurve: String, CaseIterable, Sendable {
    case p256 = "P-256"
    case p256K = "P-256K"
    case p384 = "P-384"
    case p521 = "P-521"

    /// OpenSSL's name of the group.
    var groupName: String {
        switch self {
        case .p256: "prime256v1"
        case .p256K: "secp256k1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }

    /// Bytes of a coordinate.
    var size: Int {
        switch self {
        case .p256, .p256K: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// The object identifier's content.
    var identifier: [UInt8] {
        switch self {
        case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        case .p256K: [0x2B, 0x81, 0x04, 0x00, 0x0A]
        case .p384: [0x2B, 0x81, 0x04, 0x00, 0x22]
        case .p521: [0x2B, 0x81, 0x04, 0x00, 0x23]
        }
    }
}
