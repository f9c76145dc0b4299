public import JSON

extension AgentPlan {
    /// The plan as JSON. Equal plans give equal bytes.
    public var json: JSONValue {
        var object = JSONObject()
        object.append("version", .number(JSONNumber(Self.currentVersion)))
        object.append("directory", .string(directory))
        if let group { object.append("group", .number(JSONNumber(Int(group)))) }
        object.append("startDeadlineSeconds", .number(JSONNumber(startDeadlineSeconds)))
        object.append(
            "files",
            .array(
                files.map { file in
                    [
                        "source": .string(file.source), "path": .string(file.path.text),
                        "mode": .string(String(file.mode, radix: 8)), "reference": .string(file.reference.text),
                    ]
                }))
        if let azure { object.append("azure", azure.json) }
        if let caBundle { object.append("caBundle", .string(caBundle)) }
        return .object(object)
    }

    /// Reads a plan; throws on the first thing that is not as it must be.
    public init(json: JSONValue) throws(AgentPlanError) {
        let reader = PlanReader(value: json, path: "")
        let version = try reader.integer("version", 0...Int.max)
        guard version == Self.currentVersion else { throw .unknownVersion(version) }
        directory = try reader.absolutePath("directory")
        group = try reader.optional("group").map { _ throws(AgentPlanError) in
            UInt32(try reader.integer("group", 0...Int(UInt32.max)))
        }
        startDeadlineSeconds = try reader.integer("startDeadlineSeconds", 0...86_400)
        files = try reader.elements("files").map { element throws(AgentPlanError) in
            let referenceText = try element.string("reference")
            let reference: SecretReference
            do { reference = try SecretReference(parsing: referenceText) } catch {
                throw .malformed("\(element.path).reference \(error)")
            }
            guard let path = RelativePath(try element.string("path")) else {
                throw .malformed("\(element.path).path is not \(RelativePath.accepted)")
            }
            guard let mode = UInt32(try element.string("mode"), radix: 8), mode <= 0o777 else {
                throw .malformed("\(element.path).mode is not an octal number up to 777")
            }
            return File(source: try element.string("source"), path: path, mode: mode, reference: reference)
        }
        azure = try reader.optional("azure").map { value throws(AgentPlanError) in
            try Azure(PlanReader(value: value, path: "azure"))
        }
        caBundle = try reader.optional("caBundle") == nil ? nil : reader.string("caBundle")
        if azure == nil, let file = files.first(where: { $0.reference.object.scheme == "akv" }) {
            throw .malformed("azure is missing, but \(file.source) needs it")
        }
    }
}

/// Why a plan cannot be read: the webhook and the agent are of different versions, or somebody wrote it by hand.
public enum AgentPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownVersion(Int)
    case malformed(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .unknownVersion(let version):
            "the plan has version \(version), this agent reads version \(AgentPlan.currentVersion): "
                + "run webhook and agent of one release"
        case .malformed(let problem): "the plan is not usable: \(problem)"
        }
    }
}

extension AgentPlan.Azure {
    fileprivate var json: JSONValue {
        var object: JSONObject = JSONObject()
        object.append("authority", .string(authority))
        object.append("tokenFile", .string(tokenFile))
        object.append("domains", .array(domains.map { ["suffix": .string($0.suffix), "scope": .string($0.scope)] }))
        if !endpoints.isEmpty {
            object.append("endpoints", .object(JSONObject(sorted: endpoints) { .string($0) }))
        }
        object.append("identity", identity.json)
        if !vaultIdentities.isEmpty {
            object.append("vaultIdentities", .object(JSONObject(sorted: vaultIdentities) { $0.json }))
        }
        return .object(object)
    }

    fileprivate init(_ reader: PlanReader) throws(AgentPlanError) {
        authority = try reader.string("authority")
        tokenFile = try reader.absolutePath("tokenFile")
        domains = try reader.elements("domains").map { element throws(AgentPlanError) in
            Domain(suffix: try element.string("suffix"), scope: try element.string("scope"))
        }
        guard !domains.isEmpty else { throw .malformed("azure.domains is empty") }
        endpoints = try reader.map("endpoints") { child, name throws(AgentPlanError) in try child.string(name) }
        identity = try Identity(try reader.child("identity"))
        vaultIdentities = try reader.map("vaultIdentities") { child, name throws(AgentPlanError) in
            try Identity(try child.child(name))
        }
    }
}

extension AgentPlan.Azure.Identity {
    fileprivate var json: JSONValue { ["tenantID": .string(tenantID), "clientID": .string(clientID)] }

    fileprivate init(_ reader: PlanReader) throws(AgentPlanError) {
        self.init(tenantID: try reader.string("tenantID"), clientID: try reader.string("clientID"))
    }
}

extension JSONObject {
    fileprivate init<Value>(sorted dictionary: [String: Value], _ json: (Value) -> JSONValue) {
        self.init(
            dictionary.sorted { $0.key < $1.key }.map { JSONObject.Member(name: $0.key, value: json($0.value)) })
    }
}

/// Typed access to the plan's JSON with the path of what is wrong.
private struct PlanReader {
    let value: JSONValue
    let path: String

    private func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func optional(_ name: String) -> JSONValue? { value[name] }

    func required(_ name: String) throws(AgentPlanError) -> JSONValue {
        guard let member = value[name] else { throw .malformed("\(path(name)) is missing") }
        return member
    }

    func string(_ name: String) throws(AgentPlanError) -> String {
        guard let text = try required(name).string else { throw .malformed("\(path(name)) is not a string") }
        return text
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

    func map<Result>(
        _ name: String, _ body: (PlanReader, String) throws(AgentPlanError) -> Result
    ) throws(AgentPlanError) -> [String: Result] {
        guard let member = optional(name) else { return [:] }
        guard let object = member.object else { throw .malformed("\(path(name)) is not an object") }
        var result: [String: Result] = [:]
        for entry in object.members {
            result[entry.name] = try body(PlanReader(value: member, path: path(name)), entry.name)
        }
        return result
    }
}
