import Injector
import Foundation
import JSON
import Testing

@testable import Webhook

@Suite struct KubernetesClientTests {
    /// A webhook whose ServiceAccounts come from a fake apiserver.
    private func with(
        caFile: String? = nil, url: String? = nil, token: String = "token-1\n",
        _ body: (FakeAPIServer, TestServer, URL) async throws -> Void
    ) async throws {
        let api = try await FakeAPIServer()
        let token = Data(token.utf8)
        let tokenFile = api.certificate.folder.appendingPathComponent("token")
        try token.write(to: tokenFile)
        var configuration = WebhookConfiguration.Kubernetes()
        configuration.url = url ?? api.origin
        configuration.tokenFile = tokenFile.path
        configuration.caFile = caFile ?? api.certificate.certificateFile
        let sink = MemorySink()
        let metrics = WebhookMetrics()
        let reader = ServiceAccountReader(
            metrics: metrics,
            fetch: ServiceAccountFetch.make(configuration, environment: [:], log: Log(level: .debug, sink: sink)))
        try await TestServer.with(accounts: reader) {
            $0.injector.azure.clientID = nil
        } _: { test in
            try await body(api, test, tokenFile)
        }
        #expect(!sink.text.contains("token-1"))
        await api.stop()
    }

    private func account(_ annotations: [(String, String)]) -> HTTPAnswer {
        let members = annotations.map { JSONObject.Member(name: $0.0, value: .string($0.1)) }
        let account: JSONValue = [
            "kind": "ServiceAccount", "apiVersion": "v1",
            "metadata": ["name": "web", "namespace": "shop", "annotations": .object(JSONObject(members))],
        ]
        return .json(account.serialized())
    }

    private let clientID = "33333333-3333-3333-3333-333333333333"

    @Test func theAccountsAnnotationsDecideAndTheTokenIsReadForEveryRequest() async throws {
        try await with { api, test, tokenFile in
            api.set("shop/web", account([("azure.workload.identity/client-id", clientID)]))
            let client = try await test.connect()
            let answer = try await client.exchange(Reviews.request(Reviews.needingServiceAccount(uid: "u")))
            #expect(answer.isAllowed == true, "\(answer.text)")
            try Data("token-2".utf8).write(to: tokenFile)
            let dry = try await client.exchange(Reviews.request(Reviews.needingServiceAccount(uid: "d", dryRun: true)))
            #expect(dry.isAllowed == true && dry.uid == "d")
            #expect(
                api.seen == [
                    .init(
                        method: "GET", uri: "/api/v1/namespaces/shop/serviceaccounts/web",
                        authorization: "Bearer token-1"),
                    .init(
                        method: "GET", uri: "/api/v1/namespaces/shop/serviceaccounts/web",
                        authorization: "Bearer token-2"),
                ])
        }
    }

    @Test func podsThatNeedNoAccountCauseNoRequest() async throws {
        try await with { api, test, _ in
            for body in [
                Reviews.review(), Reviews.review(annotations: [("latchkey.dev/secret.db", "nonsense")]),
                Reviews.review(annotations: [
                    ("latchkey.dev/secret.db", "akv://shop/db"), ("latchkey.dev/azure-client-id", clientID),
                    ("latchkey.dev/azure-tenant-id", clientID),
                ]),
            ] {
                let answer = try await test.connect().exchange(Reviews.request(body))
                #expect(answer.status == 200)
            }
            #expect(api.seen.isEmpty)
        }
    }

    @Test func forgedReviewsCauseNoRequest() async throws {
        try await with { api, test, _ in
            for (namespace, name) in [
                ("../../x", "web"), ("shop", "../secrets/y"), ("shop", "web?watch=1"), ("", "web"),
            ] {
                let body = Reviews.needingServiceAccount(namespace: namespace, serviceAccount: name)
                let answer = try await test.connect().exchange(Reviews.request(body))
                #expect(answer.status == 200 && answer.isAllowed == false)
            }
            #expect(api.seen.isEmpty)
        }
    }

    @Test func everyFailureIsADenialThatSaysWhatToDo() async throws {
        try await with { api, test, _ in
            let cases: [(String, HTTPAnswer?, Int, String)] = [
                ("missing", nil, 400, "does not exist"),
                ("forbidden", .failure(403, "no"), 500, "'get' on 'serviceaccounts'"),
                ("unauthorized", .failure(401, "no"), 500, "token"), ("broken", .failure(500, "no"), 503, "500"),
                ("throttled", HTTPAnswer(status: 429, contentType: "text/plain", body: []), 503, "try again"),
                ("odd", .json(Array("{\"kind\":\"Pod\"}".utf8)), 500, "no Kubernetes apiserver"),
                ("text", .text(200, "hello"), 500, "no Kubernetes apiserver"),
            ]
            for (name, answer, code, word) in cases {
                if let answer { api.set("shop/\(name)", answer) }
                let body = Reviews.needingServiceAccount(uid: name, serviceAccount: name)
                let denial = try await test.connect().exchange(Reviews.request(body))
                #expect(denial.status == 200 && denial.uid == name && denial.isAllowed == false)
                #expect(denial.message?.contains(word) == true, "\(denial.text)")
                #expect(denial.message?.contains("'\(name)' in namespace 'shop'") == true)
                #expect(denial.review["response"]?["status"]?["code"]?.int == code)
                #expect(denial.review["response"]?["status"]?["details"] == nil)
            }
        }
    }

    @Test func anAPIServerThatCannotBeReachedOrTrustedIsADenial() async throws {
        try await with(url: "https://localhost:1") { _, test, _ in
            let denial = try await test.connect().exchange(Reviews.request(Reviews.needingServiceAccount()))
            #expect(denial.isAllowed == false && denial.message?.contains("kubernetes.url") == true)
        }
        let stranger = try TestCertificate()
        try await with(caFile: stranger.certificateFile) { api, test, _ in
            let denial = try await test.connect().exchange(Reviews.request(Reviews.needingServiceAccount()))
            #expect(denial.isAllowed == false && denial.message?.contains("kubernetes.caFile") == true)
            #expect(api.seen.isEmpty)
        }
    }

    @Test func inClusterEndpointsComeFromTheEnvironment() {
        func endpoint(_ environment: [String: String]) -> KubernetesEndpoint? {
            KubernetesEndpoint(WebhookConfiguration.Kubernetes(), environment: environment)
        }
        let v4 = endpoint(["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"])
        #expect(v4?.origin == "https://10.96.0.1:443")
        #expect(v4?.tokenFile == "/var/run/secrets/kubernetes.io/serviceaccount/token")
        let v6 = endpoint(["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"])
        #expect(v6?.origin == "https://[fd00::1]:443")
        #expect(endpoint([:]) == nil)
        #expect(endpoint(["KUBERNETES_SERVICE_HOST": "a/b", "KUBERNETES_SERVICE_PORT": "443"]) == nil)
    }
}
