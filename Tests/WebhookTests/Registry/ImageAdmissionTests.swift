import Foundation
import Injector
import JSON
import Testing

@testable import Webhook

/// What reviews ask of registries.
@Suite struct ImageAdmissionTests {
    private static let image = PlayedImage(["/app"], ["serve"])

    /// A webhook that may ask a played registry.
    private func with(
        version: KubernetesVersion = .nativeSidecars, api: FakeAPIServer? = nil, readsPullSecrets: Bool = false,
        timeout: Duration = .seconds(20), _ body: (TestServer, PlayedRegistry) async throws -> Void
    ) async throws {
        let registry = try PlayedRegistry()
        defer { registry.stop() }
        let image = Self.image
        registry.play { image.reply($0.path) }
        let token = try TestFolder()
        let tokenFile = try token.write("token", "canary-token")
        try await TestServer.with(configure: { configuration in
            var entry = RegistryConfiguration.Registry(host: registry.host)
            entry.plainHTTP = true
            configuration.registries.registries = [entry]
            configuration.registries.timeout = timeout
            configuration.registries.readsPullSecrets = readsPullSecrets
            configuration.follow(.version(version))
            if let api {
                configuration.kubernetes.url = api.origin
                configuration.kubernetes.caFile = api.certificate.certificateFile
                configuration.kubernetes.tokenFile = tokenFile
            }
        }) { test in try await body(test, registry) }
    }

    private func review(_ container: JSONObject, pullSecret: String? = nil, dryRun: Bool = false) -> [UInt8] {
        var container = container
        container["name"] = "c"
        var spec: JSONObject = JSONObject([.init(name: "containers", value: .array([.object(container)]))])
        if let pullSecret { spec["imagePullSecrets"] = [["name": .string(pullSecret)]] }
        let pod: JSONValue = [
            "metadata": ["annotations": ["latchkey.dev/env.P": "akv://shop/db-password"]], "spec": .object(spec),
        ]
        return
            ([
                "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
                "request": [
                    "uid": "u", "kind": ["group": "", "version": "v1", "kind": "Pod"], "namespace": "shop",
                    "operation": "CREATE", "dryRun": .bool(dryRun), "object": pod,
                ],
            ] as JSONValue).serialized()
    }

    private func container(_ image: String, _ command: [String] = []) -> JSONObject {
        var container = JSONObject([.init(name: "image", value: .string(image))])
        if !command.isEmpty { container["command"] = .array(command.map { .string($0) }) }
        return container
    }

    private func ask(_ test: TestServer, _ review: [UInt8]) async throws -> (answer: TestResponse, patch: String) {
        let answer = try await test.connect().exchange(Reviews.request(review))
        let patch = answer.review["response"]?["patch"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data()
        return (answer, String(decoding: patch, as: UTF8.self))
    }

    @Test func theCommandOfAnImageIsLookedUpOnce() async throws {
        try await with { test, registry in
            let review = review(container("\(registry.host)/shop/web"))
            let (answer, patch) = try await ask(test, review)
            #expect(answer.isAllowed == true)
            #expect(patch.contains("\"--\",\"/app\"]") && patch.contains("\"value\":[\"serve\"]"), "\(patch)")
            let requests = registry.requests.count
            #expect(requests > 0)
            #expect(try await ask(test, review).patch == patch && registry.requests.count == requests)
            #expect(test.metrics.imageLookups.value("found") == 2)
        }
    }

    @Test func nothingIsAskedForADryRunOrForWhatNeedsNoAnswer() async throws {
        try await with { test, registry in
            let image = "\(registry.host)/shop/web"
            let dry = try await ask(test, review(container(image), dryRun: true)).answer
            #expect(dry.isAllowed == false && dry.message?.contains("dry run") == true)
            #expect(try await ask(test, review(container(image, ["/app"]))).answer.isAllowed == true)
            let other = try await ask(test, review(container("elsewhere.example/shop/web"))).answer
            #expect(other.isAllowed == false && other.message?.contains("'elsewhere.example/shop/web'") == true)
            #expect(registry.requests.isEmpty)
            #expect(test.metrics.imageLookups.value("not-cached") == 1)
            #expect(test.metrics.imageLookups.value("not-listed") == 1)
        }
        try await with(version: .fileKeyRef) { test, registry in
            let (answer, patch) = try await ask(test, review(container("\(registry.host)/shop/web")))
            #expect(answer.isAllowed == true && patch.contains("fileKeyRef") && registry.requests.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func pullSecretsAreReadOnlyWhereThatIsSwitchedOn(isOn: Bool) async throws {
        let api = try await FakeAPIServer()
        try await with(api: api, readsPullSecrets: isOn) { test, registry in
            let entry = "{\"auths\":{\"\(registry.host)\":{\"username\":\"bob\",\"password\":\"canary-password\"}}}"
            let secret: JSONValue = [
                "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
                "data": [".dockerconfigjson": .string(Base64Text.encode(Array(entry.utf8)))],
            ]
            let uri = "/api/v1/namespaces/shop/secrets/pull"
            api.set(uri: uri, .json(secret.serialized()))
            let image = Self.image
            registry.play { request in
                request.authorization == nil
                    ? .init(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")])
                    : image.reply(request.path)
            }
            let (answer, patch) = try await ask(
                test, review(container("\(registry.host)/shop/web"), pullSecret: "pull"))
            #expect(answer.isAllowed == isOn && api.seen.map(\.uri) == (isOn ? [uri] : []))
            // A pod whose image nobody is asked about has its pull secrets to itself.
            let other = review(container("elsewhere.example/a"), pullSecret: "pull")
            #expect(try await ask(test, other).answer.isAllowed == false && api.seen.count == (isOn ? 1 : 0))
            for text in [answer.text, patch, test.sink.text, try await test.scrape("/metrics").text] {
                #expect(!text.contains("canary") && !text.contains("bob"))
            }
        }
    }

    @Test func aRegistryThatIsSlowDeniesInTime() async throws {
        try await with(timeout: .milliseconds(50)) { test, registry in
            let image = Self.image
            registry.play { request in
                var reply = image.reply(request.path)
                reply.delay = 1000
                return reply
            }
            let (answer, _) = try await ask(test, review(container("\(registry.host)/shop/web")))
            #expect(answer.isAllowed == false && answer.message?.contains("in time") == true)
            #expect(test.metrics.imageLookups.value("timeout") == 1)
        }
    }
}
