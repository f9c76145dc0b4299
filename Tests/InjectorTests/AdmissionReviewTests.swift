import Foundation
import Injector
import JSON
import Testing

@Suite("AdmissionReview")
struct AdmissionReviewTests {
    private func parse(_ text: String) throws(AdmissionReviewError) -> AdmissionReview {
        try AdmissionReview(parsing: Array(text.utf8))
    }

    @Test(
        "what cannot be answered is refused with its reason",
        arguments: [
            ("{\"kind\":\"Status\",\"apiVersion\":\"v1\"}", AdmissionReviewError.notAnAdmissionReview),
            ("[]", .notAnAdmissionReview),
            ("null", .notAnAdmissionReview),
            (
                "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1beta1\",\"request\":{}}",
                .unsupportedVersion
            ),
            ("{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\"}", .missingRequest),
            (
                "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":3}",
                .missingRequest
            ),
            (
                "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{}}",
                .missingUID
            ),
            (
                "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":\"\"}}",
                .missingUID
            ),
            (
                "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":\"u\"}}",
                .missingOperation
            ),
        ])
    func refused(_ text: String, _ error: AdmissionReviewError) {
        #expect(throws: error) { try parse(text) }
    }

    @Test("bytes that are not JSON name the place and none of the bytes")
    func malformed() throws {
        let error = #expect(throws: AdmissionReviewError.self) { try parse("{\"kind\": hunter2}") }
        #expect(error?.description == "the body is not JSON: byte 9: expected a value")
    }

    @Test("a pod's creation without an object is refused, another kind's is not ours")
    func missingObject() throws {
        let review = Sample.review(.null)
        #expect(throws: AdmissionReviewError.missingObject) { try AdmissionReview(review) }
        let other = review.setting(["request", "kind", "kind"], "ConfigMap")
        let decision = Sample.injector.decide(
            try AdmissionReview(other), serviceAccountAnnotations: nil)
        #expect(decision.skipReason == .notAPod)
    }

    @Test("deep nesting is refused, not followed")
    func depthBomb() {
        let depth = 100_000
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let error = #expect(throws: AdmissionReviewError.self) { try parse(text) }
        #expect(error?.description == "the body is not JSON: byte 64: nested deeper than 64 levels")
    }

    @Test("updates and subresources are allowed unread")
    func otherOperations() throws {
        let pod = Sample.pod(annotations: ["latchkey.dev/nonsense": "x"])
        let update = try AdmissionReview(Sample.review(pod, operation: "UPDATE"))
        #expect(
            Sample.injector.decide(update, serviceAccountAnnotations: nil).skipReason == .notACreate)
        let resize = Sample.review(pod).setting(["request", "subResource"], "binding")
        let binding = Sample.injector.decide(
            try AdmissionReview(resize), serviceAccountAnnotations: nil)
        #expect(binding.skipReason == .subresource)
        #expect(Sample.injector.examine(update).serviceAccount == nil)
    }

    @Test("an injection's answer has patch and patchType together and the request's uid")
    func injectionAnswer() throws {
        let review = try AdmissionReview(Sample.review(Sample.pod()))
        let decision = Sample.injector.decide(
            review, serviceAccountAnnotations: Sample.accountAnnotations)
        let response = try #require(JSONValue(parsing: review.answer(decision))["response"])
        #expect(response["uid"]?.string == review.uid)
        #expect(response["allowed"]?.bool == true)
        #expect(response["patchType"]?.string == "JSONPatch")
        let encoded = try #require(response["patch"]?.string)
        let bytes = try #require(decodeBase64(encoded))
        let patch = try JSONPatch(JSONValue(parsing: bytes))
        #expect(patch == (try decision.plan().patch))
    }

    @Test("a denial names every problem and counts them")
    func denialAnswer() throws {
        let pod = Sample.pod(annotations: [
            "latchkey.dev/secret.a": "nonsense", "latchkey.dev/mode.b": "0999",
        ])
        let review = try AdmissionReview(Sample.review(pod))
        let decision = Sample.injector.decide(review, serviceAccountAnnotations: nil)
        let response = try #require(JSONValue(parsing: review.answer(decision))["response"])
        #expect(response["allowed"]?.bool == false)
        #expect(response["patch"] == nil)
        #expect(response["status"]?["code"]?.int == 400)
        let message = try #require(response["status"]?["message"]?.string)
        #expect(message.hasPrefix("2 problems: (1) latchkey.dev/mode.b: "))
        #expect(message.contains("; (2) latchkey.dev/secret.a: "))
    }

    @Test("a dry run is decided like any other review")
    func dryRun() throws {
        let review = try AdmissionReview(Sample.review(Sample.pod(), dryRun: true))
        #expect(review.isDryRun)
        let wet = try AdmissionReview(Sample.review(Sample.pod()))
        let decision = Sample.injector.decide(
            review, serviceAccountAnnotations: Sample.accountAnnotations)
        let other = Sample.injector.decide(wet, serviceAccountAnnotations: Sample.accountAnnotations)
        #expect(try decision.plan().patch == other.plan().patch)
    }
}

private func decodeBase64(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map(Array.init) }
