import Foundation
import JSON
import Testing

@testable import Webhook

/// Nodes read from an apiserver, and what the webhook makes of them.
@Suite struct NodeReaderTests {
    private func with(
        _ body: (FakeAPIServer, WebhookConfiguration.Kubernetes) async throws -> Void
    ) async throws {
        let api = try await FakeAPIServer()
        let tokenFile = api.certificate.folder.appendingPathComponent("token")
        try Data("token-1".utf8).write(to: tokenFile)
        var configuration = WebhookConfiguration.Kubernetes()
        configuration.url = api.origin
        configuration.tokenFile = tokenFile.path
        configuration.caFile = api.certificate.certificateFile
        do { try await body(api, configuration) } catch {
            await api.stop()
            throw error
        }
        await api.stop()
    }

    private func page(_ versions: [String?], next: String? = nil) -> HTTPAnswer {
        let items = versions.map { version -> JSONValue in
            guard let version else { return ["metadata": ["name": "n"]] }
            return [
                "metadata": ["name": "n", "labels": ["kubeletVersion": "v1.1.0"]],
                "spec": ["podCIDR": "10.0.0.0/24"],
                "status": [
                    "images": [["names": ["registry.example/a:1"], "sizeBytes": 1]],
                    "nodeInfo": [
                        "kernelVersion": "6.1.0", "kubeletVersion": .string(version), "kubeProxyVersion": "v1.1.0",
                    ],
                ],
            ]
        }
        var metadata: JSONValue = ["resourceVersion": "1"]
        if let next { metadata = ["resourceVersion": "1", "continue": .string(next), "remainingItemCount": 1] }
        let list: JSONValue = ["kind": "NodeList", "apiVersion": "v1", "metadata": metadata, "items": .array(items)]
        return .json(list.serialized())
    }

    private let first = "/api/v1/nodes?limit=100"

    @Test func theOldestOfAllPagesCounts() async throws {
        try await with { api, configuration in
            api.set(uri: first, page(["v1.31.2", "v1.30.4-eks-a1b2"], next: "a/b+c=&limit=1 é"))
            api.set(
                uri: first + "&continue=a%2Fb%2Bc%3D%26limit%3D1%20%C3%A9",
                page(["v1.29.3-gke.100", nil, ""], next: "z"))
            api.set(uri: first + "&continue=z", page(["v1.100.0"]))
            let found = await NodeReader.make(configuration, environment: [:])()
            #expect(found == .oldest(KubernetesVersion(major: 1, minor: 29), nodes: 4))
            #expect(api.seen.count == 3 && api.seen.allSatisfy { $0.authorization == "Bearer token-1" })
        }
    }

    @Test func everyOtherAnswerIsToldApart() async throws {
        try await with { api, configuration in
            let read = NodeReader.make(configuration, environment: [:])
            let cases: [(HTTPAnswer, KubeletVersions)] = [
                (page([]), .noNodes), (page([nil, ""]), .noNodes),
                (page(["v1.31.2", "unknown"]), .unreadable("unknown")),
                (.failure(403, "no"), .failed(.forbidden)), (.failure(401, "no"), .failed(.unauthorized)),
                (.failure(410, "expired"), .failed(.status(410))), (.failure(500, "no"), .failed(.status(500))),
                (.text(200, "hello"), .failed(.malformedAnswer)), (.json([]), .failed(.malformedAnswer)),
                (.json(Array(#"{"kind":"Status"}"#.utf8)), .failed(.malformedAnswer)),
                (page(["v1.31.2"], next: String(repeating: "a", count: 5000)), .failed(.malformedAnswer)),
                (.json(Array(repeating: UInt8(ascii: " "), count: (16 << 20) + 1)), .failed(.malformedAnswer)),
                // One page for ever.
                (page(["v1.31.2"], next: "again"), .failed(.malformedAnswer)),
            ]
            for (answer, expected) in cases {
                api.set(uri: first, answer)
                api.set(uri: first + "&continue=again", answer)
                #expect(await read() == expected)
            }
            #expect(
                await NodeReader.make(WebhookConfiguration.Kubernetes(), environment: [:])() == .failed(.notConfigured))
        }
    }

    @Test func podsFollowTheNodes() async throws {
        try await with { api, kubernetes in
            api.set(uri: first, .failure(503, "not yet"))
            let timing = KubeletWatch.Timing(
                interval: .milliseconds(10), firstRetry: .milliseconds(5), settleTimeout: .seconds(3600))
            try await TestServer.with(kubeletTiming: timing) {
                $0.kubernetes = kubernetes
                $0.follow(.auto)
            } _: { test in
                func metric(_ line: String) async throws {
                    for _ in 0..<2000 {
                        if try await test.scrape("/metrics").text.contains(line + "\n") { return }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    Issue.record("no '\(line)'")
                }
                // Not known yet: not ready, but alive, and whoever asks nevertheless gets an answer.
                try await metric("latchkey_kubelet_version_reads_total{outcome=\"error\"} 2")
                #expect(try await test.scrape("/readyz").status == 503)
                #expect(try await test.scrape("/livez").status == 200)
                let review = Reviews.request(Reviews.needingServiceAccount())
                let older = try await test.connect().exchange(review)
                #expect(older.isAllowed == true)
                api.set(uri: first, page(["v1.31.2"]))
                try await metric("latchkey_native_sidecars 1")
                try await metric("latchkey_oldest_kubelet_info{version=\"1.31\"} 1")
                #expect(try await test.scrape("/readyz").status == 200)
                let newer = try await test.connect().exchange(review)
                #expect(newer.isAllowed == true)
                api.set(uri: first, page(["v1.31.2", "v1.28.9"]))
                try await metric("latchkey_native_sidecars 0")
                // A failure keeps what is known.
                api.set(uri: first, .failure(403, "no"))
                try await metric("latchkey_kubelet_version_reads_total{outcome=\"forbidden\"} 1")
                try await metric("latchkey_oldest_kubelet_info{version=\"1.28\"} 1")
                #expect(
                    try await test.connect().exchange(review).review["response"]?["patch"]
                        == older.review["response"]?["patch"])
                #expect(!test.sink.text.contains("token-1"))
            }
        }
    }
}
