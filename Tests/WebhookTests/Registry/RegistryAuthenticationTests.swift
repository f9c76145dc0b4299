import Injector
import JSON
import Testing

@testable import Webhook

@Suite struct RegistryAuthenticationTests {
    private let web = ImageCommand(entrypoint: ["/web"], cmd: ["serve"])

    /// A registry that wants a token from a realm of `authority` (its own unless given).
    private func playTokens(
        _ bench: RegistryBench, realm: String? = nil, expiresIn: Int? = nil,
        accepting header: @escaping @Sendable (PlayedRegistry.Received) -> Bool = { _ in true }
    ) {
        let image = PlayedImage(["/web"], ["serve"])
        let realm = realm ?? "\(bench.registry.url)/token?x=y"
        bench.registry.play { request in
            if request.path == "/token" {
                let life = expiresIn.map { ",\"expires_in\":\($0)" } ?? ""
                return header(request) ? .json("{\"token\":\"token-1\"\(life)}") : .init(status: 401)
            }
            guard request.authorization == "Bearer token-1" else {
                return .init(
                    status: 401, headers: [("WWW-Authenticate", "Bearer realm=\"\(realm)\",service=\"the registry\"")])
            }
            return image.reply(request.path)
        }
    }

    @Test func anonymousTokensAreGotOnce() async throws {
        try await RegistryBench.with { bench in
            playTokens(bench)
            #expect(await bench.command() == .success(web))
            let token = bench.registry.requests.filter { $0.path == "/token" }
            #expect(token.map(\.target) == ["/token?x=y&scope=repository%3Ashop%2Fweb%3Apull&service=the%20registry"])
            #expect(token.first?.authorization == nil)
            #expect(await bench.command("shop/web:2") == .success(web))
            // The token serves again: one more manifest is all.
            #expect(bench.registry.paths.count == 5)
        }
    }

    @Test func tokensThatAreOverAreReplaced() async throws {
        try await RegistryBench.with { bench in
            playTokens(bench, expiresIn: 0)
            #expect(await bench.command() == .success(web))
            #expect(bench.registry.paths.filter { $0 == "/token" }.count == 2)
        }
    }

    @Test func theTokenEndpointGetsThePullSecret() async throws {
        try await RegistryBench.with { bench in
            playTokens(bench) { $0.authorization == "Basic " + Base64Text.encode(Array("bob:canary".utf8)) }
            #expect(await bench.command(secrets: bench.secret("bob", "wrong")) == .failure(.denied(status: 401)))
            #expect(
                await bench.command(secrets: bench.secret("bob", "wrong") + bench.secret("bob", "canary"))
                    == .success(web))
            // What was got with a credential is nobody's without it.
            #expect(await bench.command() == .failure(.denied(status: 401)))
            #expect(await bench.command(secrets: bench.secret("eve", "canary")) == .failure(.denied(status: 401)))
        }
    }

    @Test func identityTokensAreExchanged() async throws {
        try await RegistryBench.with { bench in
            playTokens(bench) {
                $0.method == "POST" && $0.authorization == nil
                    && $0.body == "scope=repository%3Ashop%2Fweb%3Apull&service=the%20registry&grant_type=refresh_token"
                        + "&client_id=latchkey&refresh_token=refresh%2F1"
            }
            #expect(
                await bench.command(secrets: bench.secret("u", "", identityToken: "refresh/1")) == .success(web))
        }
    }

    @Test func basicAuthenticationIsAnsweredWhenItIsAskedFor() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(["/web"], ["serve"])
            let good = "Basic " + Base64Text.encode(Array("bob:canary".utf8))
            bench.registry.play { request in
                request.authorization == good
                    ? image.reply(request.path)
                    : .init(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")])
            }
            #expect(await bench.command(secrets: bench.secret("bob", "canary")) == .success(web))
            #expect(bench.registry.requests.map { $0.authorization != nil } == [false, true, true])
            #expect(await bench.command() == .failure(.denied(status: 401)))
            #expect(await bench.command(secrets: bench.secret("bob", "wrong")) == .failure(.denied(status: 401)))
        }
    }

    @Test func atMostFourCredentialsAreTried() async throws {
        try await RegistryBench.with { bench in
            bench.registry.play { _ in .init(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")]) }
            let secrets = (0..<20).flatMap { bench.secret("user\($0)", "p") }
            #expect(await bench.command(secrets: secrets) == .failure(.denied(status: 401)))
            #expect(bench.registry.requests.count { $0.authorization != nil } == 4)
        }
    }

    @Test func aTokenHostMustBeListed() async throws {
        let login = try PlayedRegistry()
        defer { login.stop() }
        login.play { _ in .json("{\"access_token\":\"token-1\"}") }
        try await RegistryBench.with { bench in
            playTokens(bench, realm: "\(login.url)/token")
            #expect(
                await bench.command(secrets: bench.secret("bob", "canary"))
                    == .failure(.realmRefused(host: login.host)))
            #expect(login.requests.isEmpty)
        }
        try await RegistryBench.with {
            $0.tokenHosts = [login.host]
        } _: { bench in
            playTokens(bench, realm: "\(login.url)/token")
            #expect(await bench.command(secrets: bench.secret("bob", "canary")) == .success(web))
            #expect(login.requests.map(\.authorization) == ["Basic " + Base64Text.encode(Array("bob:canary".utf8))])
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:1/token", "http://localhost/token", "https://user@127.0.0.1/", "//evil.example/token",
        "/token", "",
        "ftp://127.0.0.1/", "http://[::ffff:127.0.0.1]/token", "http://0x7f.1/token", "file:///etc/passwd",
        "http://evil.example\\@127.0.0.1/",
    ])
    func hostileRealmsGetNothing(realm: String) async throws {
        try await RegistryBench.with { bench in
            playTokens(bench, realm: realm)
            let result = await bench.command(secrets: bench.secret("bob", "canary"))
            guard case .failure(let error) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(!error.description.contains("canary"))
            #expect(!bench.registry.everythingSent.contains("Basic"))
        }
    }

    @Test(arguments: [
        "", "{}", "{\"token\":\"\"}", "{\"token\":\"a\\nb\"}", "{\"token\":1}", "[]",
        String(repeating: "[", count: 1000),
    ])
    func whatIsNoTokenIsRefused(body: String) async throws {
        try await RegistryBench.with { bench in
            bench.registry.play { request in
                request.path == "/token"
                    ? .json(body)
                    : .init(
                        status: 401,
                        headers: [
                            ("WWW-Authenticate", "Bearer realm=\"http://\(request.headers["host"] ?? "")/token\"")
                        ])
            }
            #expect(await bench.command() == .failure(.malformedAnswer(.token)))
        }
    }
}
