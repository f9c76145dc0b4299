public import JSON

extension AgentPlan {
    /// The plan as JSON. Equal plans give equal bytes.
    public var json: JSONValue {
        var object = JSONObject()
        object.append("version", .number(JSONNumber(Self.currentVersion)))
        object.append("directory", .string(directory))
        if let group { object.append("group", .number(JSONNumber(Int(group)))) }
        object.append("startDeadlineSeconds", .number(JSONNumber(startDeadlineSeconds)))
        object.append("files", .array(files.map(\.json)))
        if let refresh { object.append("refresh", refresh.json) }
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
        files = try reader.elements("files").map { element throws(AgentPlanError) in try File(element) }
        refresh = try reader.optional("refresh").map { value throws(AgentPlanError) in
            try Refresh(PlanReader(value: value, path: "refresh"))
        }
        azure = try reader.optional("azure").map { value throws(AgentPlanError) in
            try Azure(PlanReader(value: value, path: "azure"))
        }
        caBundle = try reader.optional("caBundle") == nil ? nil : reader.string("caBundle")
        if azure == nil, let file = files.first(where: { $0.references.contains { $0.object.scheme == "akv" } }) {
            throw .malformed("azure is missing, but \(file.source) needs it")
        }
    }
}

extension AgentPlan.File {
    var json: JSONValue {
        var object = JSONObject()
        object.append("source", .string(source))
        object.append("path", .string(path.text))
        object.append("mode", .string(String(mode, radix: 8)))
        switch content {
        case .reference(let reference): object.append("reference", .string(reference.text))
        case .template(let template): object.append("template", template.json)
        }
        return .object(object)
    }

    fileprivate init(_ reader: PlanReader) throws(AgentPlanError) {
        let content: Content =
            try reader.optional("template") == nil
            ? .reference(reader.reference("reference")) : .template(Template(reader.elements("template")))
        guard let path = RelativePath(try reader.string("path")) else {
            throw .malformed("\(reader.path("path")) is not \(RelativePath.accepted)")
        }
        self.init(source: try reader.string("source"), path: path, mode: try reader.mode("mode"), content: content)
    }
}
