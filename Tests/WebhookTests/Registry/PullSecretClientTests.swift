import Foundation
import Testing

@testable import Webhook

/// The pull secrets' way over the wire.
@Suite struct PullSecretClientTests {
    private func reader(_ api: FakeAPIServer) throws -> PullSecretReader {
        let tokenFile = api.certificate.folder.appendingPathComponent("token")
        try Data("token-1".utf8).write(to: tokenFile)
        var configuration = WebhookConfiguration.Kubernetes()
        configuration.url = api.origin
        configuration.tokenFile = tokenFile.path
        configuration.caFile = api.certificate.certificateFile
        return PullSecretReader(try #require(KubernetesEndpoint(configuration, environment: [:])))
    }

    @Test func secretsAreReadWithTheWebhooksToken() async throws {
        let api = try await FakeAPIServer()
        let content = Base64Text.encode(Array("{\"r.example\":{\"username\":\"u\",\"password\":\"canary\"}}".utf8))
        api.set(
            uri: "/api/v1/namespaces/shop/secrets/pull",
            .json(Array("{\"type\":\"kubernetes.io/dockercfg\",\"data\":{\".dockercfg\":\"\(content)\"}}".utf8)))
        let configs = try await reader(api).configs(namespace: "shop", names: ["missing", "pull"])
        #expect(DockerConfig.credentials(for: try ImageReference(parsing: "r.example/a"), in: configs).count == 1)
        #expect(api.seen.map(\.authorization) == ["Bearer token-1", "Bearer token-1"])
        await api.stop()
    }

    @Test(arguments: [(403, "verb 'get' on 'secrets'"), (401, "kubernetes.tokenFile"), (500, "HTTP status 500")])
    func refusalsHaveTheirSentence(status: Int, words: String) async throws {
        let api = try await FakeAPIServer()
        api.set(uri: "/api/v1/namespaces/shop/secrets/pull", .failure(status, "no"))
        let reader = try reader(api)
        let error = await #expect(throws: PullSecretError.self) {
            try await reader.configs(namespace: "shop", names: ["pull"])
        }
        #expect(error?.description.contains(words) == true)
        await api.stop()
    }
}
