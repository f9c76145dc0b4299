extension JSONParser {
    mutating func parseValue(depth: Int, keeping place: JSONProjection.Place) throws(JSONError) -> JSONValue {
        guard position < end else { throw syntax("a value") }
        switch (place, bytes[position]) {
        case (.object(let index), UInt8(ascii: "{")):
            return .object(try parseObject(depth: depth + 1, keeping: index))
        case (.object(let index), UInt8(ascii: "[")):
            return .array(try parseArray(depth: depth + 1, keeping: index))
        case (.text(let index), UInt8(ascii: "\"")):
            return try parseText(where: index)
        case (.text, _):
            try skipValue(depth: depth)
            return .null
        default:
            return try parseValue(depth: depth)
        }
    }

    /// The text whose opening quote is at `position`, or null where it fails the test. One of plain ASCII is made only
    /// when it passes.
    private mutating func parseText(where test: Int) throws(JSONError) -> JSONValue {
        let start = position
        position += 1
        guard skipPlainText(), position < end, bytes[position] == UInt8(ascii: "\"") else {
            position = start
            let text = try parseString()
            return Array(text.utf8).withUnsafeBufferPointer(projection.tests[test]) ? .string(text) : .null
        }
        let text = UnsafeBufferPointer(rebasing: bytes[start + 1..<position])
        position += 1
        return projection.tests[test](text) ? .string(JSONParser.asciiText(of: text)) : .null
    }

    private mutating func parseObject(depth: Int, keeping object: Int) throws(JSONError) -> JSONObject {
        try checkDepth(depth)
        let wanted = projection.objects[object]
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        let start = members.count
        // One bit for each member that is there.
        var found: UInt64 = 0
        while true {
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw syntax("a member's name") }
            let member = try parseName(among: wanted.members)
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw syntax("':'") }
            skipWhitespace()
            if let member {
                let value = try parseValue(depth: depth, keeping: projection.members[member].place)
                // Of repeated names the last one counts, here too.
                let bit = UInt64(1) << UInt64(member - wanted.members.lowerBound)
                if Self.isNothing(value) { found &= ~bit } else { found |= bit }
                members.push(JSONObject.Member(name: projection.members[member].name, value: value))
            } else {
                try skipValue(depth: depth)
            }
            skipWhitespace()
            if skip(UInt8(ascii: "}")) {
                guard wanted.required == 0 || found & wanted.required != 0 else {
                    members.drop(from: start)
                    return JSONObject()
                }
                return JSONObject(members.pop(from: start))
            }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or '}'") }
            skipWhitespace()
        }
    }

    private mutating func parseArray(depth: Int, keeping object: Int) throws(JSONError) -> [JSONValue] {
        try checkDepth(depth)
        let keepsEmpty = projection.objects[object].required == 0
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "]")) { return [] }
        let start = elements.count
        while true {
            let value = try parseValue(depth: depth, keeping: .object(object))
            if case .object(let value) = value, !keepsEmpty, value.members.isEmpty {} else { elements.push(value) }
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return elements.pop(from: start) }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or ']'") }
            skipWhitespace()
        }
    }

    private static func isNothing(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .object(let object): object.members.isEmpty
        default: false
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= JSONValue.maximumDepth else { throw JSONError(reason: .tooDeep, offset: position) }
    }

    /// The index of the wanted member of the name whose opening quote is at `position`, or nil for a name that nobody
    /// wants.
    private mutating func parseName(among wanted: Range<Int>) throws(JSONError) -> Int? {
        let start = position
        position += 1
        let isASCII = skipPlainText()
        guard isASCII, position < end, bytes[position] == UInt8(ascii: "\"") else {
            position = start
            let name = try parseString()
            return wanted.first { projection.members[$0].name.isSameText(as: name) }
        }
        let name = start + 1..<position
        position += 1
        return wanted.first { isText(projection.members[$0].bytes, at: name) }
    }

    /// Whether the bytes of `range`, which must lie before `end`, are these.
    private func isText(_ text: [UInt8], at range: Range<Int>) -> Bool {
        guard text.count == range.count else { return false }
        for index in text.indices where text[index] != bytes[range.lowerBound + index] { return false }
        return true
    }

    /// Moves behind a value that must keep the grammar.
    private mutating func skipValue(depth: Int) throws(JSONError) {
        guard position < end else { throw syntax("a value") }
        switch bytes[position] {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"): try skipMembers(depth: depth + 1)
        case UInt8(ascii: "["): try skipElements(depth: depth + 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        default: _ = try parseValue(depth: depth)
        }
    }

    /// ASCII needs no look at the text that it makes; any other string, and one with an escape that is not of the
    /// common kind, is parsed for the faults it may have.
    private mutating func skipString() throws(JSONError) {
        let start = position
        position += 1
        while skipPlainText(), position < end {
            if skip(UInt8(ascii: "\"")) { return }
            guard bytes[position] == UInt8(ascii: "\\"), end - position >= 2,
                bytes[position + 1] == UInt8(ascii: "\"") || bytes[position + 1] == UInt8(ascii: "\\")
                    || bytes[position + 1] == UInt8(ascii: "n")
            else { break }
            position += 2
        }
        position = start
        _ = try parseString()
    }

    private mutating func skipMembers(depth: Int) throws(JSONError) {
        try checkDepth(depth)
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "}")) { return }
        while true {
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw syntax("a member's name") }
            try skipString()
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw syntax("':'") }
            skipWhitespace()
            try skipValue(depth: depth)
            skipWhitespace()
            if skip(UInt8(ascii: "}")) { return }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or '}'") }
            skipWhitespace()
        }
    }

    private mutating func skipElements(depth: Int) throws(JSONError) {
        try checkDepth(depth)
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "]")) { return }
        while true {
            try skipValue(depth: depth)
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or ']'") }
            skipWhitespace()
        }
    }
}
