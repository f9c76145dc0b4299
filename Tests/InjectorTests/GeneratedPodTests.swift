import Injector
import JSON
import SecretSpec
import Testing

/// Invariants 1 and 2 over pods that nobody thought of.
@Suite("Generated pods")
struct GeneratedPodTests {
    /// SplitMix64: the same pods in every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static func maybe(_ value: JSONValue, _ generator: inout Generator) -> JSONValue? {
        Bool.random(using: &generator) ? value : nil
    }

    private static func context(_ generator: inout Generator, pod: Bool) -> JSONValue {
        var object = JSONObject()
        let ids: [JSONValue] = [0, 1, 1000, 65534, -1, "x", .null]
        for name in ["runAsUser", "runAsGroup"] + (pod ? ["fsGroup"] : []) {
            object[name] = maybe(ids.randomElement(using: &generator) ?? .null, &generator)
        }
        if pod { object["supplementalGroups"] = maybe([3, 4], &generator) }
        object["invented"] = maybe(["deep": [1, "é"]], &generator)
        return .object(object)
    }

    private static func container(_ generator: inout Generator, _ name: String) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string(name)
        object["image"] = "i"
        object["securityContext"] = maybe(context(&generator, pod: false), &generator)
        object["volumeMounts"] =
            [
                nil, .null, [],
                [["name": "data", "mountPath": "/data", "recursiveReadOnly": "IfPossible"]],
            ].randomElement(using: &generator) ?? nil
        object["resources"] =
            [
                nil, [:], ["limits": ["cpu": "1", "memory": "1Gi"]], ["requests": ["cpu": "5m"]],
            ].randomElement(using: &generator) ?? nil
        object["restartPolicy"] = maybe("Always", &generator)
        object["ports"] = maybe([["containerPort": 9911], ["containerPort": "x"]], &generator)
        object["command"] = [nil, nil, .null, [], ["x", "$(PW)"]].randomElement(using: &generator) ?? nil
        object["args"] = maybe(["a", "$$b"], &generator)
        object["readinessProbe"] = maybe(["exec": ["command": ["ready"], "invented": 1]], &generator)
        object["envFrom"] = maybe([["prefix": "P_", "secretRef": ["name": "s", "invented": 1]]], &generator)
        if name != "istio-proxy" {
            object["env"] =
                [
                    nil, .null, [], [["name": "A", "value": "1"]], [["name": "PW", "value": "akv://shop/a#b"]],
                    [
                        ["name": "A", "value": "1", "invented": 1],
                        ["name": "PW", "value": "${akv://shop/a}-x", "new": [1]],
                    ],
                    [["name": "K", "valueFrom": ["configMapKeyRef": ["name": "c", "key": "k"]]]],
                ].randomElement(using: &generator) ?? nil
        }
        let own: JSONValue = ["httpGet": ["path": .string("/restart/\(name)"), "port": 1], "periodSeconds": 9]
        let stale: JSONValue = [
            "httpGet": ["path": .string("/restart/\(name)"), "port": 1, "scheme": "HTTP"], "periodSeconds": 5,
            "failureThreshold": 6, "timeoutSeconds": 5, "successThreshold": 1,
        ]
        object["livenessProbe"] = [nil, nil, nil, nil, .null, own, stale].randomElement(using: &generator) ?? nil
        object["x-unknown"] = maybe(["n": .number(JSONNumber("1.0e+2") ?? JSONNumber(1))], &generator)
        return .object(object)
    }

    private static func pod(_ seed: Int, _ annotations: KeyValuePairs<String, String>) -> JSONValue {
        var generator = Generator(state: UInt64(seed))
        var spec = JSONObject()
        spec["volumes"] =
            [nil, .null, [], [["name": "data", "emptyDir": [:]]]].randomElement(using: &generator) ?? nil
        let initNames = ["istio-proxy", "setup", "migrate"].filter { _ in Bool.random(using: &generator)
        }
        spec["initContainers"] = maybe(.array(initNames.map { container(&generator, $0) }), &generator)
        let names = ["app", "sidecar", "istio-proxy-2"].prefix(Int.random(in: 1...3, using: &generator))
        spec["containers"] = .array(names.map { container(&generator, $0) })
        spec["securityContext"] = maybe(context(&generator, pod: true), &generator)
        spec["hostNetwork"] = maybe(true, &generator)
        spec["automountServiceAccountToken"] = maybe(false, &generator)
        spec["resources"] = maybe(["limits": ["cpu": "2"]], &generator)
        spec["restartPolicy"] = maybe("Always", &generator)
        spec["shareProcessNamespace"] = maybe(true, &generator)
        spec["terminationGracePeriodSeconds"] = maybe(5, &generator)
        spec["futureField"] = maybe([["a": .null]], &generator)
        return [
            "kind": "Pod",
            "metadata": [
                "generateName": "g-",
                "annotations": .object(JSONObject(annotations.map { .init(name: $0.key, value: .string($0.value)) })),
            ],
            "spec": .object(spec),
        ]
    }

    /// What a pod asks for, on which cluster.
    struct Wish: Sendable {
        let annotations: KeyValuePairs<String, String>
        var nativeSidecars = true
        var fileKeyRef = false
    }

    private static let wishes = [
        Wish(annotations: ["latchkey.dev/secret.db": "akv://shop/db"]),
        Wish(annotations: ["latchkey.dev/secret.db": "akv://shop/db"], nativeSidecars: false),
        Wish(annotations: ["latchkey.dev/secret.db": "akv://shop/db", "latchkey.dev/on-change": "restart"]),
        Wish(
            annotations: [
                "latchkey.dev/template.t": "x=${akv://shop/db|json}", "latchkey.dev/on-change": "restart",
                "latchkey.dev/run-as-user": "1000",
            ], nativeSidecars: false),
        Wish(annotations: ["latchkey.dev/env.ADDED": "akv://shop/db", "latchkey.dev/env-from.x": "akv://shop/db#*"]),
        Wish(annotations: ["latchkey.dev/env.ADDED": "akv://shop/db"], fileKeyRef: true),
        Wish(annotations: ["latchkey.dev/inject": "true", "latchkey.dev/on-change": "restart"], fileKeyRef: true),
        Wish(annotations: ["latchkey.dev/env-delivery": "exec"], nativeSidecars: false),
    ]

    private static let commands = [
        "i": Result<ImageCommand, ImageCommandFailure>.success(.init(entrypoint: ["/e", "$("], cmd: []))
    ]

    private func injector(_ wish: Wish) -> PodInjector {
        var configuration = Sample.configuration
        configuration.nativeSidecars = wish.nativeSidecars
        configuration.fileKeyRef = wish.fileKeyRef
        return PodInjector(configuration)
    }

    /// The containers with a liveness probe of the agent's.
    private func probed(_ pod: JSONValue) -> Set<String> {
        let containers = pod.list("spec", "initContainers") + pod.list("spec", "containers")
        return Set(containers.filter(\.hasRestartProbe).compactMap { $0["name"]?.string })
    }

    /// The containers whose liveness probes the agent answers.
    private func planned(_ plan: InjectionPlan) -> Set<String> {
        Set(
            (plan.agentPlan?.refresh?.reactions ?? []).flatMap { reaction -> [String] in
                guard case .restartByProbe(let containers, _) = reaction.action else { return [] }
                return containers
            })
    }

    @Test("are changed once, in nothing else, and not again", arguments: 0..<40)
    func idempotent(_ block: Int) throws {
        var injected = 0
        for seed in (block * 25)..<(block * 25 + 25) {
            let wish = Self.wishes[seed % Self.wishes.count]
            let injector = injector(wish)
            let pod = Self.pod(seed, wish.annotations)
            let decision = Sample.decide(pod, injector: injector, commands: Self.commands)
            if case .deny(let problems) = decision {
                // Restarts that cannot be; nothing else of these pods is denied.
                #expect(problems.allSatisfy { $0.key == "latchkey.dev/on-change" }, "seed \(seed): \(problems)")
                continue
            }
            injected += 1
            let plan = try decision.plan()
            #expect(plan.patch.isEmpty == (plan.agentPlan == nil))
            let after = try plan.patch.applied(to: pod)
            #expect(after.withoutInjection(original: pod).text == pod.text, "seed \(seed)")
            if plan.agentPlan != nil { #expect(probed(after) == planned(plan), "seed \(seed)") }
            #expect(try Sample.decide(after, injector: injector).plan().patch.isEmpty, "seed \(seed)")
            let stored = try after.withAPIServerDefaults()
            #expect(try Sample.decide(stored, injector: injector).plan().patch.isEmpty, "seed \(seed)")
            // What is left out while parsing decides nothing.
            let review = try AdmissionReview(parsing: Sample.review(stored).serialized())
            let again = injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
            #expect(try again.plan().patch.isEmpty, "seed \(seed)")
        }
        #expect(injected > 12)
    }
}
