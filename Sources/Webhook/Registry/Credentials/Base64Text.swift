import COpenSSL

/// Base64 of short texts (RFC 4648, 4).
enum Base64Text {
    /// The letters for some bytes, with padding.
    static func encode(_ bytes: [UInt8]) -> String {
        guard let count = Int32(exactly: bytes.count) else { return "" }
        // Room for the zero byte that OpenSSL adds.
        var letters = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let written = EVP_EncodeBlock(&letters, bytes, count)
        return String(decoding: letters.prefix(Int(max(0, written))), as: UTF8.self)
    }
}
