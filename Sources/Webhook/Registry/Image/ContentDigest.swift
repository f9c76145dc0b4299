import COpenSSL

/// What content is called by (OCI image specification, "Digests"): `sha256:` or `sha512:` and its hash.
public struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
    private enum Algorithm: String, CaseIterable {
        case sha256
        case sha512

        var digits: Int { self == .sha256 ? 64 : 128 }
        var function: OpaquePointer? { self == .sha256 ? EVP_sha256() : EVP_sha512() }
    }

    private let algorithm: Algorithm
    private let hexadecimal: String

    /// Nil where it is none of the two.
    init?(_ text: some StringProtocol) {
        for algorithm in Algorithm.allCases where text.hasPrefix("\(algorithm.rawValue):") {
            let digits = Substring(text.dropFirst(algorithm.rawValue.count + 1))
            guard Self.isHexadecimal(digits, count: algorithm.digits) else { return nil }
            self.algorithm = algorithm
            hexadecimal = String(digits)
            return
        }
        return nil
    }

    /// The SHA-256 of content.
    init(of content: [UInt8]) {
        algorithm = .sha256
        hexadecimal = Self.hash(content, .sha256)
    }

    public var description: String { "\(algorithm.rawValue):\(hexadecimal)" }

    /// Whether it is the digest of this content.
    func isDigest(of content: [UInt8]) -> Bool {
        hexadecimal == Self.hash(content, algorithm)
    }

    static func isHexadecimal(_ text: Substring, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
            }
    }

    private static func hash(_ content: [UInt8], _ algorithm: Algorithm) -> String {
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_Digest(content, content.count, &hash, &count, algorithm.function, nil) == 1 else { return "" }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in hash.prefix(Int(count)) {
            // In bounds: four bits.
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
