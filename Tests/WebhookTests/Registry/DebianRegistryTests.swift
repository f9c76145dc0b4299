import Foundation
import Injector
import Testing
import VaultClient

@testable import Webhook

/// Against a registry that others wrote. Skipped where it is not there: `scripts/docker-registry.sh` fetches it.
@Suite(.disabled(if: DebianRegistry.isMissing, "no docker-registry: see scripts/docker-registry.sh"))
struct DebianRegistryTests {
    private let web = ImageCommand(entrypoint: ["/web"], cmd: ["serve"])
    private let image = PlayedImage(index: [
        ("linux/amd64", ["/web"], ["serve"]), ("linux/arm64", ["/web"], ["serve"]),
    ])
    private let bob = "Basic " + Base64Text.encode(Array("bob:canary-password".utf8))

    private func reader(
        _ host: String, _ change: (inout RegistryConfiguration.Registry) -> Void = { $0.plainHTTP = true }
    ) -> ImageConfigReader {
        var registry = RegistryConfiguration.Registry(host: host)
        change(&registry)
        var configuration = RegistryConfiguration()
        configuration.registries = [registry]
        configuration.timeout = .seconds(30)
        return ImageConfigReader(configuration)
    }

    private func ask(
        _ reader: ImageConfigReader, _ image: String, architectures: Set<String>? = nil, secrets: [DockerConfig] = []
    ) async -> Result<ImageCommand, ImageError> {
        await reader.command(
            of: image, platforms: ImagePlatforms(architectures: architectures), pullSecrets: secrets,
            deadline: .now + .seconds(30))
    }

    private func secret(_ host: String, _ password: String) throws -> DockerConfig {
        let auth = Base64Text.encode(Array("bob:\(password)".utf8))
        return try DockerConfig(
            dockerConfigJSON: SecretBytes(text: "{\"auths\":{\"\(host)\":{\"auth\":\"\(auth)\"}}}"))
    }

    @Test func imagesAndIndexesAreReadWithoutAuthentication() async throws {
        let registry = try DebianRegistry()
        defer { registry.stop() }
        let name = "\(registry.host)/shop/web"
        let mixed = PlayedImage(index: [("linux/amd64", ["/web"], ["serve"]), ("linux/arm64", ["/other"], nil)])
        try await registry.push(image, "shop/web", tag: "1")
        try await registry.push(mixed, "shop/web", tag: "mixed")
        try await registry.push(PlayedImage(nil, ["sh"]), "shop/web", tag: "single")
        let reader = reader(registry.host)
        #expect(await ask(reader, "\(name):1") == .success(web))
        #expect(await ask(reader, "\(name)@\(image.digest)") == .success(web))
        #expect(await ask(reader, "\(name):single") == .success(ImageCommand(entrypoint: [], cmd: ["sh"])))
        #expect(await ask(reader, "\(name):mixed") == .failure(.differentCommands("linux/amd64", "linux/arm64")))
        #expect(await ask(reader, "\(name):mixed", architectures: ["amd64"]) == .success(web))
        #expect(await ask(reader, "\(name):none") == .failure(.notFound))
        #expect(await ask(reader, "\(registry.host)/no/such:1") == .failure(.notFound))
    }

    @Test func basicAuthenticationNeedsThePullSecret() async throws {
        let registry = try DebianRegistry(.basic)
        defer { registry.stop() }
        try await registry.push(image, "shop/web", tag: "1", authorization: bob)
        let reader = reader(registry.host)
        let name = "\(registry.host)/shop/web:1"
        #expect(await ask(reader, name) == .failure(.denied(status: 401)))
        let wrong = try secret(registry.host, "wrong")
        let elsewhere = try secret("elsewhere.example", "canary-password")
        #expect(await ask(reader, name, secrets: [wrong, elsewhere]) == .failure(.denied(status: 401)))
        let right = try secret(registry.host, "canary-password")
        #expect(await ask(reader, name, secrets: [wrong, right]) == .success(web))
        #expect(await ask(reader, name) == .failure(.denied(status: 401)))
    }

    @Test func tokensAreGotFromTheRealmWithThePullSecret() async throws {
        let identity = try TestIdentity()
        let login = try PlayedRegistry()
        defer { login.stop() }
        func token(_ actions: String) throws -> String {
            let now = Int(Date().timeIntervalSince1970)
            return try identity.token(
                "{\"iss\":\"tests\",\"sub\":\"bob\",\"aud\":\"registry.test\",\"exp\":\(now + 300),\"nbf\":\(now - 60),"
                    + "\"iat\":\(now),\"jti\":\"\(UUID())\",\"access\":[{\"type\":\"repository\",\"name\":\"shop/web\","
                    + "\"actions\":[\(actions)]}]}")
        }
        let registry = try DebianRegistry(
            .tokens(realm: "\(login.url)/token", certificateFile: identity.certificateFile))
        defer { registry.stop() }
        try await registry.push(
            image, "shop/web", tag: "1", authorization: "Bearer \(try token("\"pull\",\"push\""))")
        let pull = try token("\"pull\"")
        let nothing = try token("")
        login.play { [bob] request in
            .json("{\"access_token\":\"\(request.authorization == bob ? pull : nothing)\",\"expires_in\":300}")
        }
        let name = "\(registry.host)/shop/web:1"
        let right = try secret(registry.host, "canary-password")
        #expect(await ask(reader(registry.host), name, secrets: [right]) == .failure(.realmRefused(host: login.host)))
        #expect(login.requests.isEmpty)

        let reader = reader(registry.host) {
            $0.plainHTTP = true
            $0.tokenHosts = [login.host]
        }
        guard case .failure(.denied) = await ask(reader, name) else {
            Issue.record("read without a pull secret")
            return
        }
        #expect(await ask(reader, name, secrets: [right]) == .success(web))
        #expect(
            login.requests.map(\.target)
                == Array(repeating: "/token?scope=repository%3Ashop%2Fweb%3Apull&service=registry.test", count: 2))
    }

    @Test func aPrivateCAIsTrustedWhereItIsConfigured() async throws {
        let identity = try TestIdentity()
        let registry = try DebianRegistry(.basic, identity: identity)
        defer { registry.stop() }
        try await registry.push(image, "shop/web", tag: "1", authorization: bob)
        let name = "\(registry.host)/shop/web:1"
        let secrets = [try secret(registry.host, "canary-password")]
        #expect(
            await ask(reader(registry.host) { $0.caFile = identity.certificateFile }, name, secrets: secrets)
                == .success(web))
        guard
            case .failure(.tls(let reason)) = await ask(reader(registry.host) { _ in }, name, secrets: secrets)
        else {
            Issue.record("trusted without its CA")
            return
        }
        #expect(!reason.contains("canary") && reason.contains("'caFile'"))
        let missing = reader(registry.host) { $0.caFile = "/nonexistent/ca.crt" }
        #expect(await ask(missing, name) == .failure(.caFile("/nonexistent/ca.crt")))
    }
}
