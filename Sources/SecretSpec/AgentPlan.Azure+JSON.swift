import JSON

extension AgentPlan.Azure {
    var json: JSONValue {
        var object = JSONObject()
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

    init(_ reader: PlanReader) throws(AgentPlanError) {
        authority = try reader.string("authority")
        tokenFile = try reader.absolutePath("tokenFile")
        domains = try reader.elements("domains").map { element throws(AgentPlanError) in
            Domain(suffix: try element.string("suffix"), scope: try element.string("scope"))
        }
        guard !domains.isEmpty else { throw .malformed("azure.domains is empty") }
        endpoints = try reader.map("endpoints") { entry throws(AgentPlanError) in try entry.string() }
        identity = try Identity(try reader.child("identity"))
        vaultIdentities = try reader.map("vaultIdentities") { entry throws(AgentPlanError) in try Identity(entry) }
    }
}

extension AgentPlan.Azure.Identity {
    var json: JSONValue { ["tenantID": .string(tenantID), "clientID": .string(clientID)] }

    init(_ reader: PlanReader) throws(AgentPlanError) {
        self.init(tenantID: try reader.string("tenantID"), clientID: try reader.string("clientID"))
    }
}

extension JSONObject {
    fileprivate init<Value>(sorted dictionary: [String: Value], _ json: (Value) -> JSONValue) {
        self.init(
            dictionary.sorted { $0.key < $1.key }.map { JSONObject.Member(name: $0.key, value: json($0.value)) })
    }
}
