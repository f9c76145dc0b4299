import Testing
import VaultClient

@testable import Webhook

@Suite struct DockerConfigTests {
    /// Which entries' names (their user names) the kubelet would try, in order.
    private func users(_ keys: [String], _ image: String) throws -> [String] {
        let entries = keys.map { "\"\($0)\": {\"username\": \"\($0)\", \"password\": \"p\"}" }
        let json = "{\"auths\": {\(entries.joined(separator: ","))}}"
        let config = try DockerConfig(dockerConfigJSON: SecretBytes(text: json))
        return DockerConfig.credentials(for: try ImageReference(parsing: image), in: [config]).map(\.username)
    }

    @Test(arguments: [
        (["r.example"], "r.example/a/b", ["r.example"]), (["https://r.example"], "r.example/a", ["https://r.example"]),
        (["http://r.example/v1/"], "r.example/a", ["http://r.example/v1/"]), (["r.example:443"], "r.example/a", []),
        (["r.example"], "r.example:5000/a", []), (["r.example:5000"], "r.example:5000/a", ["r.example:5000"]),
        (["r.example/a"], "r.example/b", []),
        (
            ["r.example", "r.example/a", "r.example/a/b"], "r.example/a/b",
            ["r.example/a/b", "r.example/a", "r.example"]
        ),
        (["*.azurecr.io"], "shop.azurecr.io/a", ["*.azurecr.io"]), (["*.azurecr.io"], "x.shop.azurecr.io/a", []),
        (["*.io"], "shop.azurecr.io/a", []), (["evil.example"], "r.example/a", []),
        (["https://index.docker.io/v1/"], "busybox", ["https://index.docker.io/v1/"]),
        (["https://index.docker.io/v1/", "docker.io"], "busybox", ["docker.io"]),
        (["https://index.docker.io/v1/"], "ghcr.io/busybox", []), (["docker.io/shop"], "shop/web", ["docker.io/shop"]),
    ])
    func entriesMatchAsInTheKubelet(keys: [String], image: String, expected: [String]) throws {
        #expect(try users(keys, image) == expected)
    }

    private func single(_ entry: String) throws -> RegistryCredential? {
        let config = try DockerConfig(dockercfg: SecretBytes(text: "{\"r.example\": \(entry)}"))
        return DockerConfig.credentials(for: try ImageReference(parsing: "r.example/a"), in: [config]).first
    }

    @Test func entriesAreReadInEachForm() throws {
        // "user:pass:word"
        let auth = try #require(
            try single("{\"username\": \"x\", \"password\": \"y\", \"auth\": \"dXNlcjpwYXNzOndvcmQ=\"}"))
        #expect(auth.username == "user" && auth.basicAuthorization == "Basic dXNlcjpwYXNzOndvcmQ=")
        let unpadded = try #require(try single("{\"auth\": \"dXNlcjpwYXNzOndvcmQ\"}"))
        #expect(unpadded.identity == auth.identity)
        let pair = try #require(try single("{\"username\": \"user\", \"password\": \"pass:word\", \"email\": \"e\"}"))
        #expect(pair.identity == auth.identity)
        let token = try #require(try single("{\"auth\": \"dXNlcjo=\", \"identitytoken\": \"t\"}"))
        #expect(token.identityToken?.count == 1 && token.identity != auth.identity)
        #expect(try single("{}") == nil && (try single("{\"auth\": \"\"}")) == nil)
    }

    @Test func credentialsAreNotShown() throws {
        let credential = try #require(try single("{\"username\": \"user\", \"password\": \"canary\"}"))
        var dumped = ""
        dump(credential, to: &dumped)
        let texts = ["\(credential)", String(reflecting: credential), dumped, "\(credential.identity)"]
        #expect(texts.allSatisfy { !$0.contains("canary") && !$0.contains("user") })
    }

    @Test(arguments: [
        ("", DockerConfigProblem.notJSON), ("[]", .notAnObject), ("{\"r\": 1}", .entry),
        ("{\"r\": {\"auth\": 1}}", .entry),
        ("{\"r\": {\"auth\": \"canary!\"}}", .auth), ("{\"r\": {\"auth\": \"bm9jb2xvbg==\"}}", .auth),
        (String(repeating: "[", count: 200), .notJSON),
    ])
    func whatIsBrokenIsNamedAndNotShown(json: String, problem: DockerConfigProblem) {
        #expect(throws: problem) { try DockerConfig(dockercfg: SecretBytes(text: json)) }
        #expect(!problem.description.contains("canary"))
    }
}
