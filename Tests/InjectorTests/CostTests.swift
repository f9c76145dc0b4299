import Injector
import JSON
import Testing

/// Invariant 9 behind the parser: webhooks run before validation, so anybody who may create a pod chooses these numbers.
@Suite("Cost of hostile pods")
struct CostTests {
    /// What makes a pod expensive.
    enum Load: CaseIterable {
        case modes
        case problems
        /// Templates that name every secret, a reaction of its own for each, and probes that a mesh seems to have rewritten.
        case reactions
        /// Many containers with many variables, references, ConfigMaps and images of their own.
        case environments
        /// One variable for each container and secret.
        case variables
        /// As many of a mesh's init containers as there are others.
        case meshes
    }

    /// `size` containers and secrets, and as much of something else.
    private static func pod(_ size: Int, _ load: Load) -> JSONValue {
        let filler = String(repeating: "n", count: 60)
        let containers = (0..<size).map { index -> JSONValue in
            [
                "name": .string("\(filler)\(index)"), "securityContext": ["runAsUser": .number(JSONNumber(index + 1))],
                "volumeMounts": [["name": "x", "mountPath": "/x"]],
                "ports": [["containerPort": .number(JSONNumber(9911 + index))]],
                "livenessProbe": load == .reactions
                    ? [
                        "httpGet": ["path": .string("/app-health/\(filler)\(index)/livez")], "periodSeconds": 5,
                        "failureThreshold": 6, "timeoutSeconds": 5,
                    ] : .null,
            ]
        }
        var annotations: [String: String] = [:]
        for index in 0..<size {
            annotations["latchkey.dev/secret.s\(index)"] = "akv://vault\(index)/name"
            annotations["latchkey.dev/mode.s\(index)"] = String(index % 512, radix: 8)
            switch load {
            case .modes, .meshes: break
            case .environments: annotations["latchkey.dev/azure-client-id.vault\(index)"] = Sample.client
            case .variables: annotations["latchkey.dev/env.A\(index)"] = "akv://vault\(index)/name"
            case .problems: annotations["latchkey.dev/azure-client-id.other\(index)"] = Sample.client
            case .reactions:
                annotations["latchkey.dev/template.t\(index)"] = "${s\(index)} ${s0|json}"
                annotations["latchkey.dev/on-change.t\(index)"] = "http://127.0.0.1:\(index + 1)/"
            }
        }
        if load == .environments {
            annotations["latchkey.dev/env-from.x"] = "akv://vault0/all#*"
            return Sample.pod(annotations: annotations, containers: .array((0..<size).map(Self.container)))
        }
        guard load != .problems else {
            annotations["latchkey.dev/containers"] = (0..<size).map { "absent\($0)" }.joined(separator: ",")
            return Sample.pod(annotations: annotations, containers: .array(containers))
        }
        if load == .meshes {
            let setup = Array(repeating: ["name": "istio-init"] as JSONValue, count: size)
            let proxies = Array(
                repeating: ["name": "istio-proxy", "restartPolicy": "Always"] as JSONValue, count: size)
            let others = (0..<size).map { ["name": .string("\(filler)i\($0)")] as JSONValue }
            return Sample.pod(
                annotations: annotations, containers: .array(containers),
                spec: [("initContainers", .array(setup + proxies + others))])
        }
        guard load == .reactions else { return Sample.pod(annotations: annotations, containers: .array(containers)) }
        annotations["latchkey.dev/on-change"] = "restart"
        let note = (0..<size).map { "\"/app-health/\(filler)\($0)/livez\":{\"httpGet\":{\"path\":\"/x\"}}" }
        let proxy: JSONValue = [
            "name": "istio-proxy",
            "env": [
                ["name": "ISTIO_KUBE_APP_PROBERS", "value": .string("{" + note.joined(separator: ",") + "}")]
            ],
        ]
        return Sample.pod(annotations: annotations, containers: .array(containers + [proxy]))
    }

    private static func container(_ index: Int) -> JSONValue {
        let env = (0..<10).map { number -> JSONValue in
            ["name": .string("PW\(number)"), "value": .string("$${akv://a/b} ${akv://vault\(index)/n\(number)} $(A)")]
        }
        let keys = (0..<10).map { number -> JSONValue in
            [
                "name": .string("K\(number)"),
                "valueFrom": ["configMapKeyRef": ["name": .string("c\(index)"), "key": .string("k\(number)")]],
            ]
        }
        return [
            "name": .string("c\(index)"), "image": .string("i\(index)"), "env": .array(env + keys),
            "command": index % 2 == 0 ? ["run"] : .null,
        ]
    }

    private func cost(_ size: Int, _ load: Load) throws -> (seconds: Double, answer: Int, question: Int) {
        let body = Sample.review(Self.pod(size, load)).serialized()
        let clock = ContinuousClock()
        var best = Double.infinity
        var answer = 0
        for _ in 0..<3 {
            let review = try AdmissionReview(parsing: body)
            let duration = clock.measure {
                let decision = Sample.injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
                answer = review.answer(decision).count
            }
            best = min(best, duration / .seconds(1))
        }
        return (best, answer, body.count)
    }

    @Test(
        "ten times as much of everything costs about ten times as much; the answer stays short",
        arguments: Load.allCases)
    func linear(_ load: Load) throws {
        let small = try cost(150, load)
        let large = try cost(1500, load)
        // Something quadratic would be at 100.
        #expect(large.seconds / small.seconds < 35)
        #expect(large.answer < 20_000 && large.answer < large.question)
    }

    @Test("variables that hold no reference are not even kept, and those of a pod that wants nothing are not read")
    func plainVariables() throws {
        let env = (0..<5000).map { number -> JSONValue in
            number % 2 == 0
                ? ["name": .string("A\(number)"), "value": "https://example.com"]
                : ["name": .string("B\(number)"), "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]
        }
        let pod = Sample.pod(annotations: [:], containers: [["name": "app", "env": .array(env)]])
        let review = try AdmissionReview(parsing: Sample.review(pod).serialized())
        #expect(review.object.serialized().count < 500)
        #expect(Sample.injector.decide(review, serviceAccountAnnotations: nil).skipReason == .notSelected)
        let files = pod.annotated(["latchkey.dev/secret.x": "akv://shop/x"])
        let selected = try AdmissionReview(parsing: Sample.review(files).serialized())
        #expect(selected.object.serialized().count < 500)
    }
}
