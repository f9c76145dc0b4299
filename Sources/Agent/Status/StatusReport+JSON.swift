import JSON

extension StatusReport {
    /// What the status file holds. Members that do not apply are left out.
    func json(now: Moment) -> JSONValue {
        var json = JSONObject()
        json.append("version", 1)
        json.append("generation", text: generation)
        json.append("published", text: published?.rfc3339)
        json.append("lastLook", text: lastLook?.rfc3339)
        json.append("lastSuccess", text: lastSuccess?.rfc3339)
        if let interval, let seconds = JSONNumber(interval.secondsText) {
            json.append("intervalSeconds", .number(seconds))
        }
        json.append("error", fault)
        json.append("objects", .array(objects.map(\.json)))
        if !environments.isEmpty { json.append("environments", .array(environments.map(\.json))) }
        if !reactions.isEmpty { json.append("reactions", .array(reactions.map { $0.json(now: now) })) }
        return .object(json)
    }

    /// Whether the loop of a process has written a status file: nobody else has an interval.
    static func isOfLoop(_ json: JSONValue?) -> Bool { json?["intervalSeconds"] != nil }

    /// Whether a status file was written after what is published now.
    func isSamePublication(_ json: JSONValue) -> Bool {
        func isSame(_ name: String?, _ value: JSONValue?) -> Bool {
            guard let name, let text = value?.string else { return name == nil && value == nil }
            return name.isSameText(as: text)
        }
        guard generation != nil, isSame(generation, json["generation"]) else { return false }
        let others = json["environments"]?.array ?? []
        return environments.allSatisfy { environment in
            let other = others.first { isSame(environment.container, $0["container"]) }
            return isSame(environment.generation, other?["generation"])
        }
    }

    /// Takes over what an earlier process of this container, or the init container, wrote of the same publication: what
    /// it knew of each object.
    mutating func restore(_ json: JSONValue, now: Moment) {
        guard isSamePublication(json) else { return }
        func moment(_ value: JSONValue?) -> Moment? { value?.string.flatMap { Moment(rfc3339: $0, now: now) } }
        published = moment(json["published"])
        lastLook = moment(json["lastLook"])
        lastSuccess = moment(json["lastSuccess"])
        for old in json["environments"]?.array ?? [] {
            guard let container = old["container"]?.string,
                let index = environments.firstIndex(where: { $0.container.isSameText(as: container) })
            else { continue }
            environments[index].values = old["values"]?.int
            environments[index].changed = moment(old["changed"])
        }
        for old in json["objects"]?.array ?? [] {
            guard let reference = old["reference"]?.string,
                let index = objects.firstIndex(where: { $0.reference.isSameText(as: reference) }),
                let state = old["state"]?.string.flatMap(State.init(rawValue:))
            else { continue }
            objects[index].state = state
            objects[index].version = old["version"]?.string
            objects[index].since = moment(old["since"]) ?? now
            objects[index].lastRead = moment(old["lastRead"])
            if let kind = old["error"]?["kind"]?.string, let message = old["error"]?["message"]?.string {
                objects[index].error = Fault(kind: kind, message: message)
            }
        }
    }
}

extension StatusReport.Object {
    fileprivate var json: JSONValue {
        var json = JSONObject()
        json.append("reference", .string(reference))
        json.append("sources", .array(sources.map { .string($0) }))
        json.append("version", text: version)
        json.append("state", .string(state.rawValue))
        json.append("since", .string(since.rfc3339))
        json.append("lastRead", text: lastRead?.rfc3339)
        json.append("error", error)
        return .object(json)
    }
}

extension StatusReport.Environment {
    fileprivate var json: JSONValue {
        var json = JSONObject()
        json.append("container", .string(container))
        json.append("delivery", .string(delivery))
        json.append("generation", text: generation)
        if let values { json.append("values", .number(JSONNumber(values))) }
        json.append("changed", text: changed?.rfc3339)
        return .object(json)
    }
}

extension ReactionReport {
    fileprivate func json(now: Moment) -> JSONValue {
        var json = JSONObject()
        json.append("action", .string(action))
        json.append("state", .string(state.rawValue))
        json.append("attempts", .number(JSONNumber(attempts)))
        json.append("lastAttempt", text: lastAttempt.map { Moment($0, now: now).rfc3339 })
        json.append("error", text: error?.description)
        return .object(json)
    }
}

extension JSONObject {
    fileprivate mutating func append(_ name: String, text: String?) {
        if let text { append(name, .string(text)) }
    }

    fileprivate mutating func append(_ name: String, _ fault: StatusReport.Fault?) {
        guard let fault else { return }
        append(name, ["kind": .string(fault.kind), "message": .string(fault.message)])
    }
}

extension Duration {
    /// Seconds, with milliseconds where there are some.
    var secondsText: String {
        let milliseconds = Int(components.attoseconds / 1_000_000_000_000_000)
        guard milliseconds > 0 else { return String(components.seconds) }
        let digits = String(milliseconds)
        return "\(components.seconds).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
    }
}
