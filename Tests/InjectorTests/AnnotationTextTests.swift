import Injector
import JSON
import SecretSpec
import Testing

/// Invariant 14: an annotation's text is data. Whatever it holds, it appears in the patch only inside the plan (and in
/// the mount path, which has a grammar of its own).
@Suite("The text of annotations")
struct AnnotationTextTests {
    static let hostile = [
        "\"", "'", "`", "\\", "\n", "\r\n", "\t", "\u{0}", "{{ .Values.x }}", "~1~0", "$(PATH)", "$$",
        "${HOME}",
        "\u{2028}", "\u{202E}", "é\u{301}", "]}", "\",\"image\":\"evil", "../../etc", "%2e%2e", ";",
        "|", "&&", "#", "?",
        "🔒", String(repeating: "a", count: 3000),
    ]

    private func injectedSpec(_ pod: JSONValue) throws -> (JSONValue, InjectionPlan)? {
        guard case .inject(let plan) = Sample.decide(pod) else { return nil }
        return (try plan.patch.applied(to: pod), plan)
    }

    /// The agent's container without the plan.
    private func fixed(_ pod: JSONValue) throws -> JSONValue {
        let agent = try #require(pod["spec"]?["initContainers"]?.named("latchkey-agent"))
        var object = try #require(agent.object)
        object["env"] = .array(
            agent.list("env").map {
                $0["name"]?.string == "LATCHKEY_PLAN" ? ["name": "LATCHKEY_PLAN"] : $0
            })
        return .object(object)
    }

    @Test("hostile text changes nothing but the plan", arguments: hostile)
    func confined(_ text: String) throws {
        let plain = try #require(try injectedSpec(Sample.pod()))
        let expected = try fixed(plain.0)
        let texts = [
            text, "akv://shop/x#\(text)", "akv://shop/\(text)", "x\(text)y", "/run/\(text)",
            "app,\(text)",
        ]
        let keys = [
            "secret.db", "secret.x", "path.db", "mount-path", "containers", "mode.db", "azure-client-id",
            "run-as-user",
            "inject", "secret.\(text)", text,
        ]
        var injected = 0
        for key in keys {
            for value in texts {
                let annotations = ["latchkey.dev/secret.db": "akv://shop/db"]
                    .merging(["latchkey.dev/\(key)": value]) { $1 }
                let pod = Sample.pod(annotations: annotations)
                guard let (after, plan) = try injectedSpec(pod) else { continue }
                injected += 1
                #expect(try fixed(after) == expected)
                #expect(after["spec"]?["volumes"] == plain.0["spec"]?["volumes"])
                #expect(after.withoutInjection(original: pod).text == pod.text)
                let variable = after["spec"]?["initContainers"]?.named("latchkey-agent")?["env"]?.named(
                    "LATCHKEY_PLAN")
                let json = try #require(variable?["value"]?.string)
                #expect(!json.contains("$"))
                #expect(try AgentPlan(json: JSONValue(parsing: Array(json.utf8))) == plan.agentPlan)
                let mounts = after.list("spec", "containers").first?.list("volumeMounts") ?? []
                #expect(
                    mounts.allSatisfy {
                        Set($0.object?.members.map(\.name) ?? []) == ["name", "mountPath", "readOnly"]
                    })
            }
        }
        // Some of it is legal, e.g. as a field's name; otherwise this test would show nothing.
        #expect(injected > 0 || text.utf8.count > 2000 || text.utf8.contains { $0 < 0x20 })
    }

    @Test("hostile text in variables changes their values alone", arguments: hostile)
    func variables(_ text: String) throws {
        let containers: JSONValue = [["name": "app", "image": "i", "command": ["run", "$(X)"]]]
        func without(_ pod: JSONValue, _ name: String) throws -> JSONValue {
            let container = try #require(pod["spec"]?["containers"]?.named("app")?.object)
            return .object(JSONObject(container.members.filter { $0.name != name }))
        }
        let plain = try #require(
            try injectedSpec(Sample.pod(annotations: ["latchkey.dev/env.X": "akv://shop/x"], containers: containers)))
        var injected = 0
        for key in ["env.X", "env-from.x", "env-delivery", "env.\(text)", "env-from.\(text)"] {
            for value in [text, "akv://shop/x#\(text)", "\(text)${akv://shop/x}\(text)", "akv://shop/x#*\(text)"] {
                let annotations = ["latchkey.dev/env.X": "akv://shop/x"].merging(["latchkey.dev/\(key)": value]) { $1 }
                let pod = Sample.pod(annotations: annotations, containers: containers)
                guard let (after, plan) = try injectedSpec(pod) else { continue }
                injected += 1
                #expect(try fixed(after) == fixed(plain.0))
                #expect(after["spec"]?["volumes"] == plain.0["spec"]?["volumes"])
                #expect(try without(after, "env") == without(plain.0, "env"))
                #expect(after["metadata"]?.text == pod["metadata"]?.text)
                let env = after["spec"]?["containers"]?.named("app")?.list("env") ?? []
                #expect(env.allSatisfy { Set($0.object?.members.map(\.name) ?? []) == ["name", "value"] })
                #expect(env.allSatisfy { $0["value"]?.string?.contains("${akv://shop/x") ?? false })
                #expect(try Sample.decide(after).plan().patch.isEmpty)
                let agent = after["spec"]?["initContainers"]?.named("latchkey-agent")
                let json = try #require(agent?["env"]?.named("LATCHKEY_PLAN")?["value"]?.string)
                #expect(!json.contains("$"))
                #expect(try AgentPlan(json: JSONValue(parsing: Array(json.utf8))) == plan.agentPlan)
            }
        }
        #expect(injected > 0)
    }

    @Test("a denial shows hostile text printable and short", arguments: hostile)
    func shown(_ text: String) throws {
        let pod = Sample.pod(annotations: [
            "latchkey.dev/secret.db": text, "latchkey.dev/\(text)": text, "latchkey.dev/env.\(text)": text,
            "latchkey.dev/env.A": "${akv://\(text)", "latchkey.dev/env.B": "akv://\(text)",
        ])
        for problem in try Sample.decide(pod).problems() {
            #expect(
                problem.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
            #expect(problem.description.utf8.count < 2000)
        }
    }
}
