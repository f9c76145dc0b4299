extension JSONParser {
    /// The string whose opening quote is at `position`; ends behind the closing one.
    mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        let isASCII = skipPlainText()
        guard position < end else { throw syntax("'\"'") }
        guard bytes[position] == UInt8(ascii: "\"") else { return try parseEscapedString(from: start, isASCII) }
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<position])
        guard let text = JSONParser.text(of: slice, isASCII: isASCII) else {
            throw JSONError(reason: .invalidText, offset: start)
        }
        position += 1
        return text
    }

    /// Moves to the next quote, backslash or control character, or to the end. False where a byte beyond ASCII may
    /// have come before.
    mutating func skipPlainText() -> Bool {
        var seen: UInt64 = 0
        // 8 bytes at a time while 8 are left.
        if let base = UnsafeRawPointer(bytes.baseAddress) {
            while end - position >= 8 {
                let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let special = PlainText.firstSpecialByte(in: word)
                seen |= word
                position += special
                if special < 8 { return seen & PlainText.highBits == 0 }
            }
        }
        while position < end {
            let byte = bytes[position]
            if PlainText.isSpecial(byte) { break }
            seen |= UInt64(byte)
            position += 1
        }
        return seen & PlainText.highBits == 0
    }

    /// The rest of a string that holds escapes; `position` is at the first of them.
    private mutating func parseEscapedString(from start: Int, _ startIsASCII: Bool) throws(JSONError) -> String {
        var isASCII = startIsASCII
        unescaped.removeAll(keepingCapacity: true)
        var plainStart = start
        while position < end {
            unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plainStart..<position]))
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = unescaped.withUnsafeBufferPointer { JSONParser.text(of: $0, isASCII: isASCII) }
                guard let text else { throw JSONError(reason: .invalidText, offset: start) }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                isASCII = try parseEscape() && isASCII
            default:
                throw syntax("an escape in place of a control character")
            }
            plainStart = position
            isASCII = skipPlainText() && isASCII
        }
        throw syntax("'\"'")
    }

    /// Appends what an escape stands for; `position` is behind the backslash. Says whether that is ASCII.
    private mutating func parseEscape() throws(JSONError) -> Bool {
        guard position < end else { throw syntax("an escape") }
        let byte: UInt8
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = bytes[position]
        case UInt8(ascii: "b"): byte = 0x08
        case UInt8(ascii: "f"): byte = 0x0C
        case UInt8(ascii: "n"): byte = 0x0A
        case UInt8(ascii: "r"): byte = 0x0D
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "u"):
            position += 1
            let scalar = try parseUnicodeEscape()
            unescaped.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return scalar.isASCII
        default: throw syntax("an escape of RFC 8259")
        }
        position += 1
        unescaped.append(byte)
        return true
    }

    /// The scalar of `\uXXXX` or of a surrogate pair; `position` is behind the `u` and ends behind the last digit.
    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let first = try parseFourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, end - position >= 2, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(reason: .invalidText, offset: start) }
        position += 2
        let second = try parseFourHexDigits()
        guard 0xDC00...0xDFFF ~= second,
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw JSONError(reason: .invalidText, offset: start) }
        return scalar
    }

    private mutating func parseFourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < end, let digit = JSONParser.hexDigit(bytes[position]) else {
                throw syntax("four hexadecimal digits")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The text of UTF-8, or nil where it is none.
    ///
    /// `String(validating:as:)` looks generic metadata up at run time, which cost more than the rest of the parse.
    /// `String(decoding:as:)` does not, but repairs; what it had to repair is no longer the same bytes.
    private static func text(of bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> String? {
        if isASCII { return asciiText(of: bytes) }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.utf8.elementsEqual(bytes) ? text : nil
    }

    /// The text of bytes below 0x80. The fastest way to it that the standard library has: one copy, no decoding.
    static func asciiText(of bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count) { $0.initialize(fromContentsOf: bytes) }
    }
}
