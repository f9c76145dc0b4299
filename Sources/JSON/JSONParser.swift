extension JSONValue {
    /// How deep arrays and objects may lie in each other. The deepest real AdmissionReview is far below it.
    public static let maximumDepth = 64

    /// Parses one JSON text (RFC 8259, strictly: no comments, no trailing commas, no byte order mark).
    ///
    /// The cost is linear in the number of bytes, whatever they are.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        // `withUnsafeBufferPointer` passes typed errors only in a Result.
        let result: Result<JSONValue, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            JSONValue.parse(buffer)
        }
        self = try result.get()
    }

    /// Parses one JSON text out of memory that somebody else holds; for callers that already have a buffer.
    public init(parsing buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        self = try JSONValue.parse(buffer).get()
    }

    private static func parse(_ buffer: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(buffer)
        do throws(JSONError) {
            return .success(try parser.parseText())
        } catch {
            return .failure(error)
        }
    }
}

/// A recursive descent over bytes. Every read is behind a comparison with `end`; depth is bounded, so is the stack.
private struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let end: Int
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        end = bytes.count
    }

    mutating func parseText() throws(JSONError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard position == end else { throw JSONError(reason: .trailingBytes, offset: position) }
        return value
    }

    private func syntax(_ expected: String) -> JSONError {
        position < end
            ? JSONError(reason: .syntax(expected: expected), offset: position)
            : JSONError(reason: .unexpectedEnd, offset: end)
    }

    private mutating func skipWhitespace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        guard position < end else { throw syntax("a value") }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return .string(try parseString())
        case UInt8(ascii: "{"):
            return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "t"):
            try parseWord("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try parseWord("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try parseWord("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try parseNumber())
        default:
            throw syntax("a value")
        }
    }

    private mutating func parseWord(_ word: StaticString) throws(JSONError) {
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        for letter in letters {
            guard position < end, bytes[position] == letter else { throw syntax(word.description) }
            position += 1
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= JSONValue.maximumDepth else { throw JSONError(reason: .tooDeep, offset: position) }
        position += 1
        skipWhitespace()
        var members: [JSONObject.Member] = []
        if position < end, bytes[position] == UInt8(ascii: "}") {
            position += 1
            return JSONObject()
        }
        while true {
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw syntax("a member's name") }
            let name = try parseString()
            skipWhitespace()
            guard position < end, bytes[position] == UInt8(ascii: ":") else { throw syntax("':'") }
            position += 1
            skipWhitespace()
            members.append(JSONObject.Member(name: name, value: try parseValue(depth: depth)))
            skipWhitespace()
            guard position < end else { throw syntax("',' or '}'") }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else if bytes[position] == UInt8(ascii: "}") {
                position += 1
                return JSONObject(members)
            } else {
                throw syntax("',' or '}'")
            }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= JSONValue.maximumDepth else { throw JSONError(reason: .tooDeep, offset: position) }
        position += 1
        skipWhitespace()
        var elements: [JSONValue] = []
        if position < end, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            elements.append(try parseValue(depth: depth))
            skipWhitespace()
            guard position < end else { throw syntax("',' or ']'") }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else if bytes[position] == UInt8(ascii: "]") {
                position += 1
                return elements
            } else {
                throw syntax("',' or ']'")
            }
        }
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < end, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
        return JSONNumber(checkedText: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < end, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw syntax("a digit") }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try text(of: UnsafeBufferPointer(rebasing: bytes[start..<position]), at: start)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
            guard byte >= 0x20 else { throw syntax("an escape in place of a control character") }
            position += 1
        }
        throw syntax("'\"'")
    }

    /// The rest of a string that holds escapes; `position` is at the first of them.
    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var unescaped = Array(bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let whole: Result<String, JSONError> = unescaped.withUnsafeBufferPointer { buffer in
                    String(validating: buffer, as: UTF8.self).map(Result.success)
                        ?? .failure(JSONError(reason: .invalidText, offset: start))
                }
                position += 1
                return try whole.get()
            }
            guard byte >= 0x20 else { throw syntax("an escape in place of a control character") }
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                unescaped.append(byte)
                continue
            }
            guard position < end else { throw syntax("an escape") }
            let escape = bytes[position]
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(escape)
            case UInt8(ascii: "b"): unescaped.append(0x08)
            case UInt8(ascii: "f"): unescaped.append(0x0C)
            case UInt8(ascii: "n"): unescaped.append(0x0A)
            case UInt8(ascii: "r"): unescaped.append(0x0D)
            case UInt8(ascii: "t"): unescaped.append(0x09)
            case UInt8(ascii: "u"):
                position += 1
                unescaped.append(contentsOf: Array(String(try parseUnicodeEscape()).utf8))
                continue
            default: throw syntax("an escape of RFC 8259")
            }
            position += 1
        }
        throw syntax("'\"'")
    }

    /// The scalar of `\uXXXX` or of a surrogate pair; `position` is behind the `u` and ends behind the last digit.
    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let first = try parseFourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < end, bytes[position] == UInt8(ascii: "\\"),
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
            guard position < end, let digit = hexDigit(bytes[position]) else { throw syntax("four hexadecimal digits") }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private func text(of slice: UnsafeBufferPointer<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONError(reason: .invalidText, offset: offset)
        }
        return text
    }
}
