import Foundation
import JSON
import Testing
import TestSupport

@testable import Webhook

@Suite struct AdmissionTests {
    @Test func aPodThatAsksForNothingIsAllowedUnchanged() async throws {
        try await TestServer.with { test in
            let client = try await test.connect()
            let answer = try await client.exchange(Reviews.request(Reviews.review(uid: "u-1")))
            #expect(answer.status == 200)
            #expect(answer.isAllowed == true && answer.uid == "u-1")
            #expect(answer.review["response"]?["patch"] == nil)
            #expect(answer.header("content-type") == "application/json" && !answer.closes)
        }
    }

    @Test func aPodThatAsksForASecretGetsAPatch() async throws {
        try await TestServer.with { test in
            let answer = try await test.connect().exchange(Reviews.request(Reviews.needingServiceAccount(uid: "u-2")))
            #expect(answer.isAllowed == true && answer.uid == "u-2")
            #expect(answer.review["response"]?["patchType"]?.string == "JSONPatch")
            #expect(answer.review["response"]?["patch"]?.string?.isEmpty == false)
        }
    }

    @Test func aWrongAnnotationIsDeniedWithItsSentence() async throws {
        try await TestServer.with { test in
            let body = Reviews.review(annotations: [("latchkey.dev/secret.db", "nonsense")])
            let answer = try await test.connect().exchange(Reviews.request(body))
            #expect(answer.status == 200 && answer.isAllowed == false)
            #expect(answer.message?.contains("latchkey.dev/secret.db") == true)
            #expect(test.metrics.admissions.value("deny", "bad-reference") == 1)
        }
    }

    @Test(arguments: [
        ("{\"kind\":\"Admission", "not JSON"),
        ("", "not JSON"),
        ("[]", "no AdmissionReview"),
        ("{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}", "no AdmissionReview"),
        (
            "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1beta1\",\"request\":{\"uid\":\"u\"}}",
            "v1"
        ),
        ("{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\"}", "no request"),
        (
            "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"operation\":\"CREATE\"}}",
            "uid"
        ),
        (String(repeating: "[", count: 100_000), "nested deeper"),
        (String(repeating: "{\"a\":", count: 100_000), "nested deeper"),
    ])
    func whatIsNoReviewIsABadRequestWithASentence(body: String, word: String) async throws {
        try await TestServer.with { test in
            let client = try await test.connect()
            let answer = try await client.exchange(Reviews.request(Array(body.utf8)))
            #expect(answer.status == 400)
            #expect(answer.review["kind"]?.string == "Status")
            #expect(answer.message?.contains(word) == true, "\(answer.text)")
            // The connection is as good as before.
            #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
        }
    }

    @Test(.enabled(if: Fixtures.arePresent, "\(Fixtures.skipMessage)"))
    func capturedReviewsAreAnsweredOverOneConnection() async throws {
        try await TestServer.with { test in
            let client = try await test.connect()
            for url in Fixtures.jsonFiles(in: "admission") {
                let body = try Fixtures.bytes(url)
                let uid = try JSONValue(parsing: body)["request"]?["uid"]?.string
                let answer = try await client.exchange(Reviews.request(body))
                #expect(
                    answer.status == 200 && answer.uid == uid && answer.isAllowed == true, "\(url.lastPathComponent)")
            }
        }
    }

    @Test func logsAndMetricsHoldNothingOfThePod() async throws {
        try await TestServer.with { test in
            let body = Reviews.review(
                uid: "u-log", annotations: [("latchkey.dev/secret.db", "canary-4711"), ("other", "canary-4712")])
            _ = try await test.connect().exchange(Reviews.request(body))
            _ = try await test.connect().exchange(Reviews.request(Array("{\"canary-4713\": tru".utf8)))
            for _ in 0..<3 { _ = try await test.scrape("/readyz") }
            let metrics = try await test.scrape("/metrics")
            #expect(!test.sink.text.contains("canary") && !metrics.text.contains("canary"))
            let line = try #require(test.sink.lines.first { $0["uid"]?.string == "u-log" })
            #expect(line["namespace"]?.string == "shop" && line["name"]?.string == "p")
            #expect(line["operation"]?.string == "CREATE" && line["decision"]?.string == "deny")
            #expect(line["reason"]?.string == "bad-reference" && line["level"]?.string == "info")
            #expect(line["durationSeconds"] != nil)
            #expect(line["time"]?.string?.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#) != nil)
            #expect(!test.sink.text.contains("readyz") && test.sink.lines.allSatisfy { $0.object != nil })
        }
    }
}
