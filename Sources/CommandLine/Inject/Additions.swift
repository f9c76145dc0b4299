import JSON

/// A patch for a pod in words: what it adds where. References and ids only; a patch holds no secret.
struct Additions {
    let patch: JSONPatch
    let pod: JSONValue

    var sentences: [String] {
        patch.operations.flatMap { operation -> [String] in
            switch operation {
            case .add(let path, let value): sentences(path, value, verb: "")
            case .replace(let path, let value): sentences(path, value, verb: "replaced: ")
            case .remove(let path): ["taken out: \(path)"]
            case .move, .copy, .test: []
            }
        }
    }

    private func sentences(_ path: JSONPointer, _ value: JSONValue, verb: String) -> [String] {
        let entries = value.array ?? [value]
        let tokens = path.tokens
        guard tokens.first == "spec", tokens.count >= 2 else { return ["\(verb)\(path)"] }
        switch (tokens[1], tokens.count > 3 ? tokens[3] : nil) {
        case ("volumes", _): return entries.map { "\(verb)volume \(name($0)): \(volume($0))" }
        case ("containers", "volumeMounts"), ("initContainers", "volumeMounts"):
            return entries.map { mount in
                "\(verb)mount of \(name(mount)) at \(mount["mountPath"]?.string ?? "?")"
                    + (mount["readOnly"]?.bool == true ? ", read-only," : "") + " in container \(owner(tokens))"
            }
        case ("containers", "livenessProbe"), ("initContainers", "livenessProbe"):
            let request = value["httpGet"]
            return [
                "\(verb)liveness probe of container \(owner(tokens)): GET \(request?["path"]?.string ?? "?") "
                    + "at port \(request?["port"]?.int.map(String.init) ?? "?"), which the agent answers"
            ]
        case ("containers", nil), ("initContainers", nil):
            return entries.map { container in
                let command = (container["command"]?.array ?? []).compactMap(\.string).joined(separator: " ")
                return "\(verb)\(kind(container, tokens[1])) \(name(container)): image "
                    + "\(container["image"]?.string ?? "?"), command \(command)"
            }
        default: return ["\(verb)\(path)"]
        }
    }

    private func name(_ value: JSONValue) -> String { value["name"]?.string ?? "?" }

    private func kind(_ container: JSONValue, _ list: String) -> String {
        if list == "containers" { return "container" }
        return container["restartPolicy"]?.string == "Always" ? "native sidecar" : "init container"
    }

    /// The container that a path `/spec/containers/N/…` lies in.
    private func owner(_ tokens: [String]) -> String {
        pod.value(at: JSONPointer(Array(tokens.prefix(3))))?["name"]?.string ?? "?"
    }

    private func volume(_ volume: JSONValue) -> String {
        if let directory = volume["emptyDir"] {
            let medium = directory["medium"]?.string == "Memory" ? "in memory" : "on disk"
            return medium + (directory["sizeLimit"]?.string.map { ", at most \($0)" } ?? "")
        }
        let sources = volume["projected"]?["sources"]?.array ?? []
        let audiences = sources.compactMap { $0["serviceAccountToken"]?["audience"]?.string }
        return audiences.isEmpty ? "projected" : "ServiceAccount token for \(audiences.joined(separator: ", "))"
    }
}
