import JSON

extension AgentPlan.Environments {
    var json: JSONValue {
        ["directory": .string(directory), "containers": .array(containers.map(\.json))]
    }

    init(_ reader: PlanReader) throws(AgentPlanError) {
        directory = try reader.absolutePath("directory")
        containers = try reader.elements("containers").map { element throws(AgentPlanError) in
            try AgentPlan.Environment(element)
        }
    }
}

extension AgentPlan.Environment {
    var json: JSONValue {
        var object = JSONObject()
        object.append("container", .string(container))
        object.append("delivery", .string(delivery.rawValue))
        object.append("mode", .string(String(mode, radix: 8)))
        func append(_ name: String, _ elements: [JSONValue]) {
            if !elements.isEmpty { object.append(name, .array(elements)) }
        }
        append("placeholders", placeholders.map { ["source": .string($0.source), "text": .string($0.text)] })
        append(
            "variables",
            variables.map { ["source": .string($0.source), "name": .string($0.name), "value": $0.value.json] })
        append("keySets", keySets.map { ["source": .string($0.source), "reference": .string($0.reference.text)] })
        append("ownNames", ownNames.map { .string($0) })
        append("sources", sources.map(\.json))
        return .object(object)
    }

    init(_ reader: PlanReader) throws(AgentPlanError) {
        let name = try reader.string("container")
        // A dot would lead to one of the volume's other names; see ``EnvironmentLayout``.
        guard RelativePath(name)?.components.count == 1, !name.utf8.contains(UInt8(ascii: ".")) else {
            throw .malformed("\(reader.path("container")) is no container's name")
        }
        container = name
        delivery = try reader.word("delivery", Delivery.init(rawValue:))
        mode = try reader.mode("mode")
        placeholders = try reader.optionalElements("placeholders").map { element throws(AgentPlanError) in
            Placeholder(source: try element.string("source"), text: try element.string("text"))
        }
        variables = try reader.optionalElements("variables").map { element throws(AgentPlanError) in
            Variable(
                source: try element.string("source"), name: try element.string("name"),
                value: try Template(element.elements("value")))
        }
        keySets = try reader.optionalElements("keySets").map { element throws(AgentPlanError) in
            KeySet(source: try element.string("source"), reference: try element.reference("reference"))
        }
        ownNames = try reader.optionalElements("ownNames").map { element throws(AgentPlanError) in
            try element.string()
        }
        sources = try reader.optionalElements("sources").map { element throws(AgentPlanError) in
            Source(
                name: try element.string("name"), directory: try element.absolutePath("directory"),
                keys: try element.optional("keys") == nil ? nil : element.strings("keys"))
        }
    }
}

extension AgentPlan.Environment.Source {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.append("name", .string(name))
        object.append("directory", .string(directory))
        if let keys { object.append("keys", .array(keys.map { .string($0) })) }
        return .object(object)
    }
}
