import JSON

extension Template {
    /// Texts as strings, secrets as objects.
    var json: JSONValue {
        .array(
            pieces.map { piece in
                switch piece {
                case .text(let text): .string(text)
                case .secret(let reference, nil): ["reference": .string(reference.text)]
                case .secret(let reference, let filter?):
                    ["reference": .string(reference.text), "filter": .string(filter.rawValue)]
                }
            })
    }

    init(_ elements: [PlanReader]) throws(AgentPlanError) {
        pieces = try elements.map { element throws(AgentPlanError) in
            if let text = element.value.string { return .text(text) }
            let filter = try element.optional("filter").map { _ throws(AgentPlanError) in
                try element.word("filter", Filter.init(rawValue:))
            }
            return .secret(try element.reference("reference"), filter)
        }
    }
}
