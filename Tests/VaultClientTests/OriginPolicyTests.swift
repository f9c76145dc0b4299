import Testing

@testable import VaultClient

/// Invariant 12: credentials go only to configured origins.
@Suite struct OriginPolicyTests {
    private let policy: OriginPolicy

    init() throws {
        policy = OriginPolicy(
            origins: [try Origin(url: "https://10.0.0.5:8443"), try Origin(url: "https://kv.example.test")],
            suffixes: [try Origin(authority: "vault.azure.net"), try Origin(authority: "vault.localhost:9443")])
    }

    @Test(
        "allowed origins",
        arguments: [
            "https://shop.vault.azure.net/secrets/x", "https://SHOP.Vault.Azure.NET",
            "HTTPS://shop.vault.azure.net:443/",
            "https://a.b.vault.azure.net/", "https://10.0.0.5:8443/secrets", "https://kv.example.test/?a=b",
            "https://shop.vault.localhost:9443/",
        ])
    func allowed(_ url: String) throws {
        try policy.check(url)
    }

    @Test(
        "invariant 12: no other origin",
        arguments: [
            "http://shop.vault.azure.net/", "ftp://shop.vault.azure.net/", "//shop.vault.azure.net/",
            "shop.vault.azure.net",
            "https://vault.azure.net/", "https://.vault.azure.net/", "https://evilvault.azure.net/",
            "https://shop.vault.azure.net.evil.test/", "https://shop.vault.azure.net./",
            "https://shop.vault.azure.net:8443/",
            "https://shop.vault.azure.net@evil.test/", "https://user@shop.vault.azure.net/",
            "https://user:pass@shop.vault.azure.net/", "https://evil.test#.vault.azure.net",
            "https://evil.test/.vault.azure.net", "https://evil.test?.vault.azure.net",
            "https://evil.test\\.vault.azure.net/", "https://evil.test%2f.vault.azure.net/",
            "https://shop%2evault.azure.net/", "https://evil.test%00.vault.azure.net/",
            "https://shop.vault.azure.net:/",
            "https://shop.vault.azure.net:0/", "https://shop.vault.azure.net:65536/",
            "https://shop.vault.azure.net:0443/",
            "https://shop.vault.azure.net:443:443/", "https:///shop.vault.azure.net/", "https:/shop.vault.azure.net/",
            "https://10.0.0.5/", "https://10.0.0.5:8444/", "https://10.0.0.6:8443/", "https://010.0.0.5:8443/",
            "https://10.5:8443/", "https://167772165:8443/", "https://0x0a000005:8443/", "https://0xa.0.0.5:8443/",
            "https://10.0.0.5.:8443/", "https://[::ffff:10.0.0.5]:8443/", "https://[::ffff:a00:5]:8443/",
            "https://[::10.0.0.5]:8443/", "https://[::1]/", "https://127.0.0.1/",
            "https://127.0.0.1.vault.azure.net.:443/",
            "https://kv.example.test:8443/", "https://xkv.example.test/", "https://k\u{fc}.vault.azure.net/",
            "https://shop\u{3002}vault.azure.net/", "https://shop.vault.azure.net /", "https://shop.vault.azure.net\t/",
            "https://shop.vault.azure.net\r\nHost: evil.test/", "https://-shop.vault.azure.net/",
            "https://shop-.vault.azure.net/", "https://a..vault.azure.net/", "https://sh_op.vault.azure.net/",
            "https://shop.vault.localhost/", "https://", "",
        ])
    func refused(_ url: String) {
        #expect(throws: OriginProblem.self) { try policy.check(url) }
    }

    @Test("an address cannot be a suffix")
    func addressSuffix() throws {
        let policy = OriginPolicy(suffixes: [try Origin(url: "https://10.0.0.5")])
        #expect(policy.suffixes.isEmpty)
    }

    @Test("messages name origins, never paths or user information")
    func messages() throws {
        for url in ["https://evil.test/CANARY?CANARY", "https://CANARY:CANARY@shop.vault.azure.net/", "CANARY"] {
            let error = #expect(throws: OriginProblem.self) { try policy.check(url) }
            #expect(!"\(try #require(error))".contains("CANARY"))
        }
    }

    @Test func plainHTTPIsForThoseWhoAllowItAlone() throws {
        #expect(throws: OriginProblem.notHTTPS) { try Origin(url: "http://registry.example/") }
        #expect(throws: OriginProblem.notHTTPS) {
            try Origin(url: "http://registry.example/", allowingPlainHTTP: false)
        }
        #expect(try Origin(url: "http://registry.example/", allowingPlainHTTP: true).port == 80)
        #expect(try Origin(url: "https://registry.example/", allowingPlainHTTP: true).port == 443)
        #expect(throws: OriginProblem.notHTTPS) { try Origin(url: "ftp://registry.example/", allowingPlainHTTP: true) }
        #expect(throws: OriginProblem.userInformation) {
            try Origin(url: "http://a@registry.example/", allowingPlainHTTP: true)
        }
    }
}
