import Injector
import JSON
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
        let stale: JSONValue = ["httpGet": ["path": .string("/restart/\(name)"), "port": 1], "periodSeconds": 9]
        object["livenessProbe"] = [nil, nil, nil, .null, stale].randomElement(using: &generator) ?? nil
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
    ]

    private func injector(_ wish: Wish) -> PodInjector {
        var configuration = Sample.configuration
        configuration.nativeSidecars = wish.nativeSidecars
        return PodInjector(configuration)
    }

    @Test("are changed once, in nothing else, and not again", arguments: 0..<40)
    func idempotent(_ block: Int) throws {
        var injected = 0
        for seed in (block * 25)..<(block * 25 + 25) {
            let wish = Self.wishes[seed % Self.wishes.count]
            let injector = injector(wish)
            let pod = Self.pod(seed, wish.annotations)
            let decision = Sample.decide(pod, injector: injector)
            if case .deny(let problems) = decision {
                // Restarts that cannot be; nothing else of these pods is denied.
                #expect(problems.allSatisfy { $0.key == "latchkey.dev/on-change" }, "seed \(seed): \(problems)")
                continue
            }
            injected += 1
            let plan = try decision.plan()
            #expect(!plan.patch.isEmpty)
            let after = try plan.patch.applied(to: pod)
            #expect(after.withoutInjection(original: pod).text == pod.text, "seed \(seed)")
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
