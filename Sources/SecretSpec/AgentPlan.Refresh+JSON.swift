import JSON

extension AgentPlan.Refresh {
    var json: JSONValue {
        var object = JSONObject()
        object.append("intervalMilliseconds", .number(JSONNumber(intervalMilliseconds)))
        object.append("onRevoked", .string(onRevoked.rawValue))
        object.append("restartSpreadSeconds", .number(JSONNumber(restartSpreadSeconds)))
        if let port {
            object.append("port", .number(JSONNumber(Int(port))))
            object.append("metrics", .bool(servesMetrics))
        }
        if !reactions.isEmpty { object.append("reactions", .array(reactions.map(\.json))) }
        return .object(object)
    }

    init(_ reader: PlanReader) throws(AgentPlanError) {
        var reactions: [AgentPlan.Reaction] = []
        if reader.optional("reactions") != nil {
            reactions = try reader.elements("reactions").map { element throws(AgentPlanError) in
                try AgentPlan.Reaction(element)
            }
        }
        var port: UInt16?
        if reader.optional("port") != nil { port = UInt16(try reader.integer("port", 1...Int(UInt16.max))) }
        self.init(
            intervalMilliseconds: try reader.integer("intervalMilliseconds", 10...604_800_000),
            onRevoked: try reader.word("onRevoked", AgentPlan.OnRevoked.init(rawValue:)),
            reactions: reactions,
            restartSpreadSeconds: try reader.integer("restartSpreadSeconds", 0...86_400), port: port,
            servesMetrics: port == nil ? false : try reader.boolean("metrics"))
    }
}

extension AgentPlan.Reaction {
    var json: JSONValue {
        var object = JSONObject()
        object.append("sources", .array(sources.map { .string($0) }))
        switch action {
        case .signal(let signal): object.append("signal", .string(signal.name))
        case .request(let request): object.append("request", request.json)
        case .restartByProbe(let containers, let window):
            object.append(
                "restartByProbe",
                ["containers": .array(containers.map { .string($0) }), "windowSeconds": .number(JSONNumber(window))])
        case .restartBySignal(let grace):
            object.append("restartBySignal", ["graceSeconds": .number(JSONNumber(grace))])
        }
        return .object(object)
    }

    init(_ reader: PlanReader) throws(AgentPlanError) {
        let action: AgentPlan.Action
        if reader.optional("signal") != nil {
            action = .signal(try reader.word("signal", Signal.init(name:)))
        } else if reader.optional("request") != nil {
            action = .request(try AgentPlan.LoopbackRequest(try reader.child("request")))
        } else if reader.optional("restartByProbe") != nil {
            let probe = try reader.child("restartByProbe")
            action = .restartByProbe(
                containers: try probe.strings("containers"),
                windowSeconds: try probe.integer("windowSeconds", 1...3600))
        } else {
            action = .restartBySignal(
                graceSeconds: try reader.child("restartBySignal").integer("graceSeconds", 0...86_400))
        }
        self.init(sources: try reader.strings("sources"), action: action)
    }
}

extension AgentPlan.LoopbackRequest {
    var json: JSONValue {
        var object = JSONObject()
        object.append("method", .string(method))
        object.append("url", .string(url))
        if let status { object.append("status", .number(JSONNumber(status))) }
        return .object(object)
    }

    init(_ reader: PlanReader) throws(AgentPlanError) {
        let status = try reader.optional("status").map { _ throws(AgentPlanError) in
            try reader.integer("status", 100...599)
        }
        let text = "\(try reader.string("method")) \(try reader.string("url"))" + (status.map { " \($0)" } ?? "")
        guard let request = Self(parsing: text) else { throw .malformed("\(reader.path) is not \(Self.accepted)") }
        self = request
    }
}
