import Foundation
import Injector
import JSON
import SecretSpec
import Testing

/// What a kubelet, the agent and `latchkey-exec` make of a container, in small and apart from the code under test.
struct EnvironmentModel {
    /// By name: `ConfigMap a`, `Secret b`.
    var sources: [String: [String: String]] = [:]
    /// By reference.
    var vault: [String: String] = [:]
    var image = ImageCommand(entrypoint: [], cmd: [])

    /// What a program sees.
    struct Process: Equatable {
        var words: [String]
        var variables: [String: String]
    }

    /// A start that does not come about.
    struct Stopped: Error {
        let why: String
    }

    /// Without Latchkey: what Kubernetes' documentation says.
    func kubelet(_ container: JSONValue) throws -> Process {
        try process(container, environment: nil)
    }

    /// The container of an injected pod.
    func start(_ name: String, in pod: JSONValue, _ plan: AgentPlan) throws -> Process {
        let containers = pod.list("spec", "initContainers") + pod.list("spec", "containers")
        let container = try #require(containers.first { $0["name"]?.string == name })
        let environment = plan.environments?.containers.first { $0.container == name }
        for use in environment?.sources ?? [] where environment?.delivery != .exec {
            for (key, value) in sources[use.name] ?? [:] where use.keys?.contains(key) ?? true {
                if value.contains("akv://") { throw Stopped(why: "\(use.name) holds a reference") }
            }
        }
        var process = try process(container, environment: environment)
        guard process.words.first == "/run/latchkey/bin/latchkey-exec" else { return process }
        let environments = try #require(plan.environments)
        #expect(Array(process.words.prefix(4)) == JSONObject.wrapper.compactMap(\.string))
        #expect(environments.directory == "/run/latchkey/environment")
        try checkMounts(container, name)
        process.words.removeFirst(4)
        let needs = try #require(environment)
        let replacements = try replacements(needs)
        process.words = try process.words.map { try replaced($0, replacements) }
        process.variables = try process.variables.mapValues { try replaced($0, replacements) }
        for set in needs.keySets {
            for (key, value) in vault where key.hasPrefix("\(set.reference.text):") {
                let variable = String(key.dropFirst(set.reference.text.count + 1))
                if !needs.ownNames.contains(variable) { process.variables[variable] = value }
            }
        }
        return process
    }

    private func checkMounts(_ container: JSONValue, _ name: String) throws {
        let expected: [JSONValue] = [
            [
                "name": "latchkey-environment", "mountPath": "/run/latchkey/environment", "subPath": .string(name),
                "readOnly": true,
            ],
            [
                "name": "latchkey-environment", "mountPath": "/run/latchkey/bin", "subPath": ".bin",
                "readOnly": true,
            ],
        ]
        #expect(container.list("volumeMounts").filter { $0["name"]?.string == "latchkey-environment" } == expected)
    }

    /// What the agent writes.
    private func replacements(_ needs: AgentPlan.Environment) throws -> [String: String] {
        var replacements: [String: String] = [:]
        for placeholder in needs.placeholders { replacements["${\(placeholder.text)}"] = try value(placeholder.text) }
        for source in needs.sources {
            for (key, text) in sources[source.name] ?? [:] where source.keys?.contains(key) ?? true {
                if text.hasPrefix("akv://") {
                    replacements[text] = try value(text)
                } else if let start = text.range(of: "${akv://"),
                    let end = text.range(of: "}", range: start.upperBound..<text.endIndex)
                {
                    let placeholder = String(text[start.lowerBound..<end.upperBound])
                    replacements[placeholder] = try value(String(placeholder.dropFirst(2).dropLast()))
                }
            }
        }
        return replacements
    }

    private func value(_ text: String) throws -> String {
        let parts = text.split(separator: "|")
        guard let value = vault[String(parts[0])] else { throw Stopped(why: "no \(text)") }
        return parts.count == 1 ? value : parts[1] == "json" ? "\"\(value)\"" : "<\(parts[1]) \(value)>"
    }

    /// What `latchkey-exec` does with one text.
    private func replaced(_ text: String, _ replacements: [String: String]) throws -> String {
        if text.hasPrefix("akv://") {
            guard let value = replacements[text] else { throw Stopped(why: "unknown \(text)") }
            return value
        }
        var output = ""
        var rest = Substring(text)
        while let start = rest.range(of: "${akv://") {
            let before = rest[..<start.lowerBound]
            if before.hasSuffix("$") {
                output += before.dropLast() + "${akv://"
                rest = rest[start.upperBound...]
                continue
            }
            guard let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex),
                let value = replacements[String(rest[start.lowerBound..<end.upperBound])]
            else { throw Stopped(why: "unknown in \(text)") }
            output += before + value
            rest = rest[end.upperBound...]
        }
        return output + rest
    }

    private func process(_ container: JSONValue, environment: AgentPlan.Environment?) throws -> Process {
        var variables: [String: String] = [:]
        for source in container.list("envFrom") {
            let name =
                source["configMapRef"].map { "ConfigMap \($0["name"]?.string ?? "")" }
                ?? "Secret \(source["secretRef"]?["name"]?.string ?? "")"
            for (key, value) in sources[name] ?? [:] { variables[(source["prefix"]?.string ?? "") + key] = value }
        }
        for entry in container.list("env") {
            let name = try #require(entry["name"]?.string)
            if let text = entry["value"]?.string {
                variables[name] = Self.expanded(text, variables)
            } else if let file = entry["valueFrom"]?["fileKeyRef"] {
                #expect(file["volumeName"]?.string == "latchkey-environment")
                #expect(file["path"]?.string == "\(environment?.container ?? "").env")
                let variable = environment?.variables.first { $0.name == file["key"]?.string }
                variables[name] = try #require(variable).value.pieces.map { piece in
                    switch piece {
                    case .text(let text): text
                    case .secret(let reference, let filter):
                        try value(reference.text + (filter.map { "|\($0.rawValue)" } ?? ""))
                    }
                }.joined()
            } else if let key = entry["valueFrom"]?["configMapKeyRef"] {
                variables[name] = sources["ConfigMap \(key["name"]?.string ?? "")"]?[key["key"]?.string ?? ""]
            } else if let key = entry["valueFrom"]?["secretKeyRef"] {
                variables[name] = sources["Secret \(key["name"]?.string ?? "")"]?[key["key"]?.string ?? ""]
            }
        }
        func words(_ list: String) -> [String] {
            container.list(list).compactMap(\.string).map { Self.expanded($0, variables) }
        }
        let command = words("command")
        let args = words("args")
        let rest = args.isEmpty && command.isEmpty ? image.cmd : args
        return Process(words: (command.isEmpty ? image.entrypoint : command) + rest, variables: variables)
    }

    /// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    private static func expanded(_ text: String, _ variables: [String: String]) -> String {
        var output = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            output += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                output += "$"
                rest.removeFirst()
            } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[..<end].dropFirst())
                output += variables[name] ?? "$(\(name))"
                rest = rest[end...].dropFirst()
            } else {
                output += "$"
            }
        }
        return output + rest
    }
}
