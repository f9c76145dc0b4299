import COpenSSL

/// Random bytes and identifiers.
enum SecureRandom {
    static func bytes(_ count: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&output, Int32(clamping: count)) == 1 else {
            var generator = SystemRandomNumberGenerator()
            return output.map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        return output
    }

    /// 32 hexadecimal digits: an object version as Key Vault writes it.
    static func version() -> String { hex(bytes(16)) }

    /// A random UUID in its usual form.
    static func uuid() -> String {
        var raw = bytes(16)
        raw[6] = (raw[6] & 0x0F) | 0x40
        raw[8] = (raw[8] & 0x3F) | 0x80
        let digits = Array(hex(raw))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
