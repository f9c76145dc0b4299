extension JSONParser {
    mutating func parseValue(depth: Int, keeping projection: JSONProjection) throws(JSONError) -> JSONValue {
        guard let wanted = projection.members, position < end else { return try parseValue(depth: depth) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1, keeping: wanted))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1, keeping: projection))
        default: return try parseValue(depth: depth)
        }
    }

    private mutating func parseObject(
        depth: Int, keeping wanted: [JSONProjection.Member]
    ) throws(JSONError) -> JSONObject {
        try checkDepth(depth)
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        let start = members.count
        while true {
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw syntax("a member's name") }
            let member = try parseName(among: wanted)
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw syntax("':'") }
            skipWhitespace()
            if let member {
                let value = try parseValue(depth: depth, keeping: member.projection)
                members.push(JSONObject.Member(name: member.name, value: value))
            } else {
                try skipValue(depth: depth)
            }
            skipWhitespace()
            if skip(UInt8(ascii: "}")) { return JSONObject(members.pop(from: start)) }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or '}'") }
            skipWhitespace()
        }
    }

    private mutating func parseArray(depth: Int, keeping projection: JSONProjection) throws(JSONError) -> [JSONValue] {
        try checkDepth(depth)
        position += 1
        skipWhitespace()
        if skip(UInt8(ascii: "]")) { return [] }
        let start = elements.count
        while true {
            let value = try parseValue(depth: depth, keeping: projection)
            elements.push(value)
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return elements.pop(from: start) }
            guard skip(UInt8(ascii: ",")) else { throw syntax("',' or ']'") }
            skipWhitespace()
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= JSONValue.maximumDepth else { throw JSONError(reason: .tooDeep, offset: position) }
    }

    /// The wanted member of the name whose opening quote is at `position`, or nil for a name that nobody wants.
    private mutating func parseName(among wanted: [JSONProjection.Member]) throws(JSONError) -> JSONProjection.Member? {
        let start = position
        position += 1
        let isASCII = skipPlainText()
        guard isASCII, position < end, bytes[position] == UInt8(ascii: "\"") else {
            position = start
            let name = try parseString()
            return wanted.first { $0.name.isSameText(as: name) }
        }
        let name = UnsafeBufferPointer(rebasing: bytes[(start + 1)..<position])
        position += 1
        return wanted.first { $0.bytes.count == name.count && $0.bytes.elementsEqual(name) }
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

    /// A string of plain ASCII needs no look at its text; any other is parsed for the faults it may have.
    private mutating func skipString() throws(JSONError) {
        let start = position
        position += 1
        if skipPlainText(), skip(UInt8(ascii: "\"")) { return }
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
