import Injector
import JSON
import Testing

/// Invariant 9 behind the parser: webhooks run before validation, so anybody who may create a pod chooses these numbers.
@Suite("Cost of hostile pods")
struct CostTests {
    /// `size` containers and secrets, and either a mode for each secret or as many problems of every sort.
    private static func pod(_ size: Int, hasProblems: Bool) -> JSONValue {
        let filler = String(repeating: "n", count: 60)
        let containers = (0..<size).map { index -> JSONValue in
            [
                "name": .string("\(filler)\(index)"), "securityContext": ["runAsUser": .number(JSONNumber(index + 1))],
                "volumeMounts": [["name": "x", "mountPath": "/x"]],
            ]
        }
        var annotations: [String: String] = [:]
        for index in 0..<size {
            annotations["latchkey.dev/secret.s\(index)"] = "akv://vault\(index)/name"
            annotations["latchkey.dev/mode.s\(index)"] = String(index % 512, radix: 8)
            guard hasProblems else { continue }
            annotations["latchkey.dev/azure-client-id.other\(index)"] = Sample.client
        }
        if hasProblems {
            annotations["latchkey.dev/containers"] = (0..<size).map { "absent\($0)" }.joined(separator: ",")
        }
        return Sample.pod(annotations: annotations, containers: .array(containers))
    }

    private func cost(_ size: Int, hasProblems: Bool) throws -> (seconds: Double, answer: Int, question: Int) {
        let body = Sample.review(Self.pod(size, hasProblems: hasProblems)).serialized()
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
        arguments: [true, false])
    func linear(_ hasProblems: Bool) throws {
        let small = try cost(150, hasProblems: hasProblems)
        let large = try cost(1500, hasProblems: hasProblems)
        // Something quadratic would be at 100.
        #expect(large.seconds / small.seconds < 35)
        #expect(large.answer < 20_000 && large.answer < large.question)
    }
}
