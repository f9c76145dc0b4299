import JSON

/// Walks a document along a table of keys and collects every problem.
struct ConfigurationReader<Target> {
    private let keys: [ConfigurationKey<Target>]
    private(set) var problems: [ConfigurationProblem] = []
    private var seen: Set<String> = []

    init(_ keys: [ConfigurationKey<Target>]) {
        self.keys = keys
    }

    /// Reads an object into the target. `location` is where the object stands in its document.
    mutating func read(_ document: JSONValue, into target: inout Target, at location: String = "") {
        readObject(document, prefix: "", into: &target, location: location)
        for key in keys where key.isRequired && !seen.contains(key.path) {
            problems.append(
                ConfigurationProblem(key: join(location, key.path), message: "is missing; accepted: \(key.accepted)"))
        }
    }

    /// Takes one value over as if it stood in the file; `origin` names it in problems.
    mutating func override(_ path: String, with text: String, origin: String, into target: inout Target) {
        guard let key = keys.first(where: { $0.path == path }) else { return }
        readScalar(.string(text), key: key, origin: origin, into: &target)
    }

    private mutating func readObject(
        _ document: JSONValue, prefix: String, into target: inout Target, location: String
    ) {
        guard let object = document.object else {
            if case .null = document { return }
            problems.append(
                ConfigurationProblem(
                    key: join(location, prefix), message: "found \(describe(document)); accepted: a map of keys"))
            return
        }
        for member in object.members {
            let path = join(prefix, member.name)
            let origin = join(location, path)
            if let key = keys.first(where: { $0.path == path }) {
                readValue(member.value, key: key, origin: origin, into: &target)
            } else if keys.contains(where: { $0.path.hasPrefix(path + ".") }) {
                readObject(member.value, prefix: path, into: &target, location: location)
            } else {
                problems.append(ConfigurationProblem(key: origin, message: unknown(member.name, below: prefix)))
            }
        }
    }

    private mutating func readValue(
        _ value: JSONValue, key: ConfigurationKey<Target>, origin: String, into target: inout Target
    ) {
        switch key.kind {
        case .scalar:
            readScalar(value, key: key, origin: origin, into: &target)
        case .list(let read):
            guard let elements = value.array else {
                problems.append(ConfigurationProblem(key: origin, message: refusal(value, key)))
                return
            }
            for (index, element) in elements.enumerated() {
                read(element, "\(origin)[\(index)]", &target, &problems)
            }
        }
    }

    private mutating func readScalar(
        _ value: JSONValue, key: ConfigurationKey<Target>, origin: String, into target: inout Target
    ) {
        seen.insert(key.path)
        guard case .scalar(let read) = key.kind, read(value, &target) else {
            problems.append(ConfigurationProblem(key: origin, message: refusal(value, key)))
            return
        }
    }

    private func refusal(_ value: JSONValue, _ key: ConfigurationKey<Target>) -> String {
        "found \(describe(value)); accepted: \(key.accepted)"
    }

    private func unknown(_ name: String, below prefix: String) -> String {
        let start = prefix.isEmpty ? "" : prefix + "."
        var siblings: [String] = []
        for key in keys where key.path.hasPrefix(start) {
            let name = String(key.path.dropFirst(start.count).prefix { $0 != "." })
            if !siblings.contains(name) { siblings.append(name) }
        }
        if let meant = NearMiss.suggestion(for: name, among: siblings) {
            return "is an unknown key; did you mean '\(meant)'?"
        }
        return "is an unknown key; accepted here: \(siblings.joined(separator: ", "))"
    }

    private func describe(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): "'\(text)'"
        case .number(let number): number.text
        case .bool(let truth): truth ? "true" : "false"
        case .null: "nothing"
        case .array: "a list"
        case .object: "a map"
        }
    }

    private func join(_ prefix: String, _ name: String) -> String {
        if prefix.isEmpty { return name }
        return name.isEmpty ? prefix : "\(prefix).\(name)"
    }
}
