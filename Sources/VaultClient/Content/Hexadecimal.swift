/// Bytes written as pairs of hexadecimal digits.
enum Hexadecimal {
    /// The bytes that a text stands for; white space is skipped. Nil for anything else, and for an odd digit.
    static func decode(_ text: UnsafeRawBufferPointer) -> SecretBytes? {
        let buffer = SecretBuffer(capacity: text.count / 2 + 1)
        var high: UInt8?
        for byte in text {
            if byte == 0x0A || byte == 0x0D || byte == 0x20 || byte == 0x09 { continue }
            guard let digit = digit(byte) else { return nil }
            if let first = high {
                buffer.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? buffer.take() : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
