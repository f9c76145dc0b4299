import JSON

/// `/_devvault/faults` and `/_devvault/requests`: faults and records for programs outside of the process. Answers only
/// to holders of the configured control token.
struct ControlService: Sendable {
    static let prefix = "_devvault"

    let token: String?
    let faults: DevVaultFaults

    func answer(_ request: DevVaultRequest) -> DevVaultResponse {
        guard let token, request.header("authorization")?.isSameText(as: "Bearer " + token) ?? false else {
            return DevVaultResponse(404)
        }
        switch (request.method, request.path.dropFirst().first) {
        case ("PUT", "faults"):
            guard let body = try? JSONValue(parsing: request.body), apply(body) else {
                return DevVaultResponse(
                    400, ["error": "expected {\"vault\"|\"entra\": {throttleNext, requestsPerSecond, ...}}"])
            }
            return DevVaultResponse(204)
        case ("DELETE", "faults"):
            faults.clear()
            return DevVaultResponse(204)
        case ("GET", "requests"):
            return DevVaultResponse(200, .array(faults.requests.map(Self.json)))
        case ("DELETE", "requests"):
            faults.forgetRequests()
            return DevVaultResponse(204)
        default: return DevVaultResponse(404)
        }
    }

    private static func json(_ record: DevVaultRequestRecord) -> JSONValue {
        [
            "method": .string(record.method), "host": .string(record.host), "path": .string(record.path),
            "status": .number(JSONNumber(record.status)),
        ]
    }

    private func apply(_ body: JSONValue) -> Bool {
        guard let members = body.object?.members else { return false }
        var plans: [(DevVaultFaults.Service, DevVaultFaults.Plan)] = []
        for member in members {
            guard let service = DevVaultFaults.Service(rawValue: member.name),
                let plan = DevVaultFaults.Plan(member.value)
            else { return false }
            plans.append((service, plan))
        }
        for (service, plan) in plans { faults[service] = plan }
        return true
    }
}

extension DevVaultFaults.Plan {
    /// Nil where a member is unknown, negative or of another kind.
    init?(_ json: JSONValue) {
        guard let members = json.object?.members else { return nil }
        for member in members {
            if let number = member.value.int, number < 0 { return nil }
            switch (member.name, member.value.int, member.value.string) {
            case ("throttleNext", let number?, _): throttleNext = number
            case ("requestsPerSecond", let number?, _): requestsPerSecond = number
            case ("retryAfter", let number, _): retryAfter = number
            case ("latencyMilliseconds", let number?, _): latencyMilliseconds = number
            case ("outageRequests", let number?, _): outageRequests = number
            case ("outage", _, let name?):
                guard let kind = DevVaultFaults.Outage(rawValue: name) else { return nil }
                outage = kind
            default: return nil
            }
        }
    }
}
