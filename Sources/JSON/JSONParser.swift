extension JSONValue {
    /// How deep arrays and objects may lie in each other. The deepest real AdmissionReview is far below it.
    public static let maximumDepth = 64

    /// Parses one JSON text (RFC 8259, strictly: no comments, no trailing commas, no byte order mark).
    ///
    /// The cost is linear in the number of bytes, whatever they are.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONValue(parsing: buffer)
        }
    }

    /// Parses one JSON text out of memory that somebody else holds; for callers that already have a buffer.
    public init(parsing buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var parser = JSONParser(buffer)
        self = try parser.parseText()
    }
}

/// A recursive descent over bytes. Every read is behind a comparison with `end`, because a read through the buffer is
/// unchecked in a release build; depth is bounded, and so is the stack.
struct JSONParser: ~Copyable {
    let bytes: UnsafeBufferPointer<UInt8>
    let end: Int
    let projection: JSONProjection
    var position = 0
    /// Where strings with escapes are put together; one for all of them, so that it is allocated once.
    var unescaped: [UInt8] = []
    var members = MoveStack<JSONObject.Member>(capacity: 24)
    var elements = MoveStack<JSONValue>(capacity: 16)

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ projection: JSONProjection = .everything) {
        self.bytes = bytes
        self.projection = projection
        end = bytes.count
    }

    mutating func parseText() throws(JSONError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue(depth: 0, keeping: projection.root)
        skipWhitespace()
        guard position == end else { throw JSONError(reason: .trailingBytes, offset: position) }
        return value
    }

    @inline(never)
    func syntax(_ expected: String) -> JSONError {
        position < end
            ? JSONError(reason: .syntax(expected: expected), offset: position)
            : JSONError(reason: .unexpectedEnd, offset: end)
    }

    @inline(__always)
    mutating func skipWhitespace() {
        // What the apiserver sends has none: one comparison, and no call.
        if position < end, bytes[position] <= 0x20 { skipSomeWhitespace() }
    }

    @inline(never)
    private mutating func skipSomeWhitespace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// Takes the byte if it comes next.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
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

    mutating func parseWord(_ word: StaticString) throws(JSONError) {
        for letter in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
            guard skip(letter) else { throw syntax(word.description) }
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= JSONValue.maximumDepth else { throw JSONError(reason: .tooDeep, offset: position) }
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        let start = members.count
        while true {
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw syntax("a member's name") }
            let name = try parseString()
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw syntax("':'") }
            skipWhitespace()
            let value = try parseValue(depth: depth)
            members.push(JSONObject.Member(name: name, value: value))
            skipWhitespace()
            if skip(UInt8(ascii: "}")) { return JSONObject(members.pop(from: start)) }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or '}'") }
            skipWhitespace()
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= JSONValue.maximumDepth else { throw JSONError(reason: .tooDeep, offset: position) }
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "]")) { return [] }
        let start = elements.count
        while true {
            let value = try parseValue(depth: depth)
            elements.push(value)
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return elements.pop(from: start) }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or ']'") }
            skipWhitespace()
        }
    }

    private mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = position
        try skipNumber()
        return JSONNumber(checkedText: JSONParser.asciiText(of: UnsafeBufferPointer(rebasing: bytes[start..<position])))
    }

    mutating func skipNumber() throws(JSONError) {
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try skipDigits() }
        if skip(UInt8(ascii: ".")) { try skipDigits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < end, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw syntax("a digit") }
    }
}
