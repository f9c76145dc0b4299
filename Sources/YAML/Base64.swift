/// RFC 4648 base 64, for `!!binary`.
enum Base64 {
    /// The bytes, white space between the letters ignored; nil where the text is no base 64 with its padding.
    static func decode(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        var pending: UInt32 = 0
        var letters = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte) else { return nil }
            pending = pending << 6 | UInt32(value)
            letters += 1
            if letters % 4 == 0 {
                output.append(UInt8(truncatingIfNeeded: pending >> 16))
                output.append(UInt8(truncatingIfNeeded: pending >> 8))
                output.append(UInt8(truncatingIfNeeded: pending))
                pending = 0
            }
        }
        switch (letters % 4, padding) {
        case (0, 0): break
        case (2, 2): output.append(UInt8(truncatingIfNeeded: pending >> 4))
        case (3, 1):
            output.append(UInt8(truncatingIfNeeded: pending >> 10))
            output.append(UInt8(truncatingIfNeeded: pending >> 2))
        default: return nil
        }
        return output
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
