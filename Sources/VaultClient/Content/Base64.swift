/// Base64 (RFC 4648, 4 and 5), decoded strictly but for white space and a missing padding.
package enum Base64 {
    /// Which letters stand for 62 and 63.
    package enum Alphabet {
        /// `+` and `/`.
        case standard
        /// `-` and `_`.
        case url
    }

    /// The most bytes that so many letters can stand for.
    static func capacity(for letters: Int) -> Int { letters / 4 * 3 + 3 }

    /// Decodes into memory with room for ``capacity(for:)``; gives the number of bytes.
    ///
    /// White space is skipped, padding may be left out, and bits beyond the last byte must be zero. Nil where the text
    /// is not of the alphabet, or the memory is too small.
    static func decode(
        _ text: UnsafeRawBufferPointer, _ alphabet: Alphabet, into output: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard output.count >= capacity(for: text.count) else { return nil }
        let (letter62, letter63): (UInt8, UInt8) =
            alphabet == .standard ? (UInt8(ascii: "+"), UInt8(ascii: "/")) : (UInt8(ascii: "-"), UInt8(ascii: "_"))
        var accumulator: UInt32 = 0
        var bits: UInt32 = 0
        var letters = 0
        var padding = 0
        var count = 0
        for byte in text {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte &- UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte &- UInt8(ascii: "a") &+ 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte &- UInt8(ascii: "0") &+ 52
            case letter62: value = 62
            case letter63: value = 63
            case 0x0A, 0x0D, 0x20, 0x09: continue
            case UInt8(ascii: "="):
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            letters += 1
            accumulator = accumulator << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output[count] = UInt8(truncatingIfNeeded: accumulator >> bits)
                count += 1
                accumulator &= (1 << bits) - 1
            }
        }
        let paddingFits = padding == 0 || (padding <= 2 && (letters + padding) % 4 == 0)
        return bits < 6 && accumulator == 0 && paddingFits ? count : nil
    }

    /// The bytes that a text stands for; nil where it is not of the alphabet.
    package static func decode(_ text: UnsafeRawBufferPointer, _ alphabet: Alphabet = .standard) -> SecretBytes? {
        let buffer = SecretBuffer(capacity: capacity(for: text.count))
        return buffer.fill { decode(text, alphabet, into: $0) } ? buffer.take() : nil
    }

    /// The bytes that a text stands for; nil where it is not of the alphabet.
    package static func decode(_ text: String, _ alphabet: Alphabet = .standard) -> SecretBytes? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0), alphabet) }
    }
}
