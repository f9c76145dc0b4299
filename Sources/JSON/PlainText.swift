/// What may stand in a JSON string as it is, found 8 bytes at a time; parser and printer share it.
enum PlainText {
    /// The highest bit of each byte of a word.
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101

    /// Whether a byte is a quote, a backslash or a control character.
    @inline(__always)
    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The place of the first special byte in a word in memory order (little endian), 8 where there is none.
    ///
    /// `(x - n) & ~x & 0x80` per byte finds bytes below `n`. A borrow can only disturb bytes behind the first hit.
    @inline(__always)
    static func firstSpecialByte(in word: UInt64) -> Int {
        let quotes = word ^ (lowBits &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (lowBits &* UInt64(UInt8(ascii: "\\")))
        let hits =
            ((word &- lowBits &* 0x20) & ~word)
            | ((quotes &- lowBits) & ~quotes)
            | ((backslashes &- lowBits) & ~backslashes)
        return (hits & highBits).trailingZeroBitCount >> 3
    }
}
