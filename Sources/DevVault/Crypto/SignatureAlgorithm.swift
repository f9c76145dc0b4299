import COpenSSL

/// The signature algorithms of RFC 7518 that take a key pair. HMAC and `none` have no case, so nothing can choose them.
enum SignatureAlgorithm: String, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es256K = "ES256K"
    case es384 = "ES384"
    case es512 = "ES512"

    enum Family: Equatable {
        case rsaPKCS1
        case rsaPSS
        case ecdsa(EllipticCurve)
    }

    var family: Family {
        switch self {
        case .rs256, .rs384, .rs512: .rsaPKCS1
        case .ps256, .ps384, .ps512: .rsaPSS
        case .es256: .ecdsa(.p256)
        case .es256K: .ecdsa(.p256K)
        case .es384: .ecdsa(.p384)
        case .es512: .ecdsa(.p521)
        }
    }

    var digest: DigestAlgorithm {
        switch self {
        case .rs256, .ps256, .es256, .es256K: .sha256
        case .rs384, .ps384, .es384: .sha384
        case .rs512, .ps512, .es512: .sha512
        }
    }
}

/// The hash functions in use.
enum DigestAlgorithm: Sendable {
    case sha1
    case sha256
    case sha384
    case sha512

    var function: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    /// Bytes of a digest.
    var size: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    func digest(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: size)
        var length: UInt32 = 0
        EVP_Digest(bytes, bytes.count, &output, &length, function, nil)
        return output
    }

    /// HMAC of RFC 2104.
    func authenticate(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: size)
        var length: UInt32 = 0
        _ = HMAC(function, key, Int32(clamping: key.count), bytes, bytes.count, &output, &length)
        return output
    }
}
