import Injector
import Testing

@testable import Webhook

@Suite struct RegistryRedirectTests {
    private let web = ImageCommand(entrypoint: ["/web"], cmd: ["serve"])

    /// A registry with Basic authentication that sends clients elsewhere for its blobs.
    private func play(_ bench: RegistryBench, status: Int = 307, location: @escaping @Sendable (String) -> String?) {
        let image = PlayedImage(["/web"], ["serve"])
        bench.registry.play { request in
            guard request.authorization != nil else {
                return .init(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")])
            }
            guard request.path.contains("/blobs/") else {
                return image.reply(request.path.replacingOccurrences("/own/", "/blobs/"))
            }
            let target = location(String(request.path.split(separator: "/").last ?? ""))
            return .init(status: status, headers: target.map { [("Location", $0)] } ?? [])
        }
    }

    private func storage() throws -> PlayedRegistry {
        let storage = try PlayedRegistry()
        let image = PlayedImage(["/web"], ["serve"])
        storage.play { image.reply("/blobs" + $0.path) }
        return storage
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func listedStorageIsAskedWithoutCredentials(status: Int) async throws {
        let storage = try storage()
        defer { storage.stop() }
        try await RegistryBench.with {
            $0.blobHosts = ["127.0.0.*:\(storage.port)"]
        } _: { bench in
            play(bench, status: status) { "\(storage.url)/\($0)?signature=s" }
            #expect(await bench.command(secrets: bench.secret("bob", "canary")) == .success(web))
            #expect(storage.requests.count == 1 && storage.requests.allSatisfy { $0.authorization == nil })
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func unlistedStorageIsNotAsked(status: Int) async throws {
        let storage = try storage()
        defer { storage.stop() }
        try await RegistryBench.with { bench in
            play(bench, status: status) { "\(storage.url)/\($0)" }
            #expect(
                await bench.command(secrets: bench.secret("bob", "canary"))
                    == .failure(.redirectRefused(host: storage.host)))
            #expect(storage.requests.isEmpty)
        }
    }

    @Test func oneHopIsFollowedAndNoMore() async throws {
        let storage = try PlayedRegistry()
        defer { storage.stop() }
        storage.play {
            .init(status: 307, headers: [("Location", "http://127.0.0.1:\($0.headers["host"] ?? "")/next")])
        }
        try await RegistryBench.with {
            $0.blobHosts = [storage.host]
        } _: { bench in
            play(bench) { "\(storage.url)/\($0)" }
            #expect(
                await bench.command(secrets: bench.secret("bob", "canary"))
                    == .failure(.redirectRefused(host: nil)))
            #expect(storage.requests.count == 1)
        }
    }

    @Test func theRegistrysOwnOriginNeedsNoListing() async throws {
        try await RegistryBench.with { bench in
            play(bench) { "/own/\($0)" }
            #expect(await bench.command(secrets: bench.secret("bob", "canary")) == .success(web))
            play(bench) { [url = bench.registry.url] in "\(url)/own/\($0)" }
            #expect(await bench.command("shop/two", secrets: bench.secret("bob", "canary")) == .success(web))
        }
    }

    @Test(arguments: [
        nil, "", "//127.0.0.1/x", "http://user@127.0.0.1/x", "file:///etc/passwd", "http://localhost:1/x",
        "http://169.254.169.254/latest/meta-data", "gopher://127.0.0.1/", "http://127.0.0.1#@evil.example/",
        "http://2130706433/", "x/y",
    ])
    func hostileLocationsAreRefused(location: String?) async throws {
        try await RegistryBench.with { bench in
            play(bench) { _ in location }
            guard case .failure(.redirectRefused) = await bench.command(secrets: bench.secret("bob", "canary"))
            else {
                Issue.record("followed")
                return
            }
            #expect(bench.registry.requests.count == 3)
        }
    }

    @Test func redirectsOfManifestsAreNotFollowed() async throws {
        let other = try PlayedRegistry()
        defer { other.stop() }
        try await RegistryBench.with {
            $0.blobHosts = [other.host]
        } _: { bench in
            bench.registry.play { _ in .init(status: 307, headers: [("Location", "https://elsewhere.example/v2/")]) }
            #expect(await bench.command() == .failure(.manifestRedirected(host: "elsewhere.example")))
            #expect(other.requests.isEmpty)
        }
    }

    @Test func whatIsKnownOfPublicRegistriesIsWhole() throws {
        let hub = RegistryEndpoint(RegistryConfiguration.Registry(host: "docker.io"))
        #expect(
            hub.manifestURL(try ImageReference(parsing: "busybox"), "latest")
                == "https://registry-1.docker.io/v2/library/busybox/manifests/latest")
        try hub.checkRealm("https://auth.docker.io/token")
        #expect(throws: ImageError.realmRefused(host: "auth.docker.io.evil.example")) {
            try hub.checkRealm("https://auth.docker.io.evil.example/token")
        }
        #expect(throws: ImageError.realmRefused(host: nil)) { try hub.checkRealm("http://auth.docker.io/token") }
        #expect(try hub.redirectTarget("https://production.cloudflare.docker.com/x").isOwn == false)
        #expect(throws: ImageError.redirectRefused(host: nil)) {
            try hub.redirectTarget("http://production.cloudflare.docker.com/x")
        }
        let azure = RegistryEndpoint(RegistryConfiguration.Registry(host: "shop.azurecr.io"))
        try azure.checkRealm("https://shop.azurecr.io/oauth2/token")
        #expect(throws: ImageError.realmRefused(host: "other.azurecr.io")) {
            try azure.checkRealm("https://other.azurecr.io/oauth2/token")
        }
        let own = RegistryEndpoint(RegistryConfiguration.Registry(host: "registry.example"))
        #expect(throws: ImageError.realmRefused(host: "auth.docker.io")) {
            try own.checkRealm("https://auth.docker.io/token")
        }
    }
}

extension String {
    fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
