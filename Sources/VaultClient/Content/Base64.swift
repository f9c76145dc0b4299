/// Base64 (RFC 4648, 4 and 5), decoded strictly but for line breaks and a missing padding.
enum Base64 {
    /// Which letters stand for 62 and 63.
    enum Alphabet {
        /// `+` and `/`.
        case standard
        /// `-` and `_`.
        case url
    }

    /// The bytes that a text stands for, handed to `emit` in order; false where the text is not of the alphabet.
    ///
    /// White space is skipped, padding may be left out, and bits beyond the last byte must be zero.
    static func decode(
        _ text: UnsafeRawBufferPointer, _ alphabet: Alphabet = .standard, emit: (UInt8) -> Void
    ) -> Bool {
        var accumulator: UInt32 = 0
        var bits: UInt32 = 0
        var letters = 0
        var padding = 0
        for byte in text {
            if byte == 0x0A || byte == 0x0D || byte == 0x20 || byte == 0x09 { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte, alphabet) else { return false }
            letters += 1
            accumulator = accumulator << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                emit(UInt8(truncatingIfNeeded: accumulator >> bits))
                accumulator &= (1 << bits) - 1
            }
        }
        let paddingFits = padding == 0 || (padding <= 2 && (letters + padding) % 4 == 0)
        return bits < 6 && accumulator == 0 && paddingFits
    }

    /// The bytes that a text stands for; nil where it is not of the alphabet.
    static func decode(_ text: UnsafeRawBufferPointer, _ alphabet: Alphabet = .standard) -> SecretBytes? {
        let buffer = SecretBuffer(capacity: text.count / 4 * 3 + 3)
        guard decode(text, alphabet, emit: { buffer.append($0) }) else { return nil }
        return buffer.take()
    }

    /// The bytes that a text stands for; nil where it is not of the alphabet.
    static func decode(_ text: String, _ alphabet: Alphabet = .standard) -> SecretBytes? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0), alphabet) }
    }

    private static func value(of byte: UInt8, _ alphabet: Alphabet) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): alphabet == .standard ? 62 : nil
        case UInt8(ascii: "/"): alphabet == .standard ? 63 : nil
        case UInt8(ascii: "-"): alphabet == .url ? 62 : nil
        case UInt8(ascii: "_"): alphabet == .url ? 63 : nil
        default: nil
        }
    }
}
