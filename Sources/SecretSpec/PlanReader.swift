import JSON

/// Typed access to the plan's JSON with the path of what is wrong.
struct PlanReader {
    let value: JSONValue
    let path: String

    func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func optional(_ name: String) -> JSONValue? { value[name] }

    func required(_ name: String) throws(AgentPlanError) -> JSONValue {
        guard let member = value[name] else { throw .malformed("\(path(name)) is missing") }
        return member
    }

    func string(_ name: String) throws(AgentPlanError) -> String {
        try child(name).string()
    }

    /// The value itself as a string.
    func string() throws(AgentPlanError) -> String {
        guard let text = value.string else { throw .malformed("\(path) is not a string") }
        return text
    }

    func reference(_ name: String) throws(AgentPlanError) -> SecretReference {
        let text = try string(name)
        do { return try SecretReference(parsing: text) } catch { throw .malformed("\(path(name)) \(error)") }
    }

    func boolean(_ name: String) throws(AgentPlanError) -> Bool {
        guard let value = try required(name).bool else { throw .malformed("\(path(name)) is neither true nor false") }
        return value
    }

    /// One of a closed set of words.
    func word<Word>(_ name: String, _ parse: (String) -> Word?) throws(AgentPlanError) -> Word {
        guard let word = parse(try string(name)) else {
            throw .malformed("\(path(name)) is none of the words that this agent knows")
        }
        return word
    }

    func strings(_ name: String) throws(AgentPlanError) -> [String] {
        try elements(name).map { element throws(AgentPlanError) in try element.string() }
    }

    /// Permission bits in octal digits; `UInt32`'s own parser would take a sign too.
    func mode(_ name: String) throws(AgentPlanError) -> UInt32 {
        let text = try string(name)
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }),
            let mode = UInt32(text, radix: 8), mode <= 0o777
        else { throw .malformed("\(path(name)) is not an octal number up to 777") }
        return mode
    }

    func absolutePath(_ name: String) throws(AgentPlanError) -> String {
        let text = try string(name)
        guard text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(0) else {
            throw .malformed("\(path(name)) is not an absolute path")
        }
        return text
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(AgentPlanError) -> Int {
        guard let number = try required(name).int, range ~= number else {
            throw .malformed("\(path(name)) is not an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func child(_ name: String) throws(AgentPlanError) -> PlanReader {
        PlanReader(value: try required(name), path: path(name))
    }

    func elements(_ name: String) throws(AgentPlanError) -> [PlanReader] {
        guard let elements = try required(name).array else { throw .malformed("\(path(name)) is not an array") }
        return elements.enumerated().map { PlanReader(value: $1, path: "\(path(name))[\($0)]") }
    }

    /// The members of an object that may be absent. Each is looked at once, however many there are.
    func map<Result>(
        _ name: String, _ body: (PlanReader) throws(AgentPlanError) -> Result
    ) throws(AgentPlanError) -> [String: Result] {
        guard let member = optional(name) else { return [:] }
        guard let object = member.object else { throw .malformed("\(path(name)) is not an object") }
        var result: [String: Result] = [:]
        for entry in object.members {
            result[entry.name] = try body(PlanReader(value: entry.value, path: "\(path(name)).\(entry.name)"))
        }
        return result
    }
}
