import TestSupport
import Testing
import VaultClient

@testable import Webhook

/// A little fuzzing in every test run, the same each time.
@Suite struct RegistryMutationTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: 0..<50 as Range<UInt64>)
    func referencesAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = "registry.example:5000/shop/web-app_1.2:v1.0@\(Self.digest)"
        let words = ["/", ":", "@", "..", "//", "%2f", "?", "#", "\\", "\u{301}", "\u{0}", "[::1]", "localhost", "A"]
        for _ in 0..<300 {
            let text = String(decoding: generator.mutated(Array(original.utf8), words: words), as: UTF8.self)
            guard let image = try? ImageReference(parsing: text) else { continue }
            #expect(try ImageReference(parsing: image.description) == image)
            let url = RegistryEndpoint(.init(host: image.host)).manifestURL(image, image.manifestName)
            let origin = try Origin(url: url)
            let name = url.dropFirst("https://".count)
            #expect(name.hasPrefix(origin.authority) || name.hasPrefix(image.host) || image.host == "docker.io")
            #expect(!url.contains("..") && !url.contains("?") && !url.contains("#") && !url.contains("%"))
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func answersAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let image = PlayedImage(index: [("linux/amd64", ["/web"], ["serve"]), ("linux/arm64", ["/web"], nil)])
        let words = [
            "null", "\"\"", "[]", "{}", "\"config\":", "\"manifests\":", "\"Config\":", "1", "\u{0}", Self.digest,
        ]
        let originals = image.manifests.values.sorted { $0.count < $1.count } + image.blobs.values
        for original in originals {
            for _ in 0..<50 {
                let bytes = generator.mutated(original, words: words)
                _ = try? Manifest(parsing: bytes)
                _ = try? ImageConfiguration.command(parsing: bytes)
                _ = try? RegistryToken(SecretBytes(bytes))
            }
        }
        let challenge = "Bearer realm=\"https://a.example/t?x=y\",service=\"s\", Basic realm=\"r \\\" q\""
        let marks = ["\"", "\\", "=", ",", " ", "Bearer ", "realm=", "\u{301}", "\u{0}"]
        for _ in 0..<300 {
            let text = String(decoding: generator.mutated(Array(challenge.utf8), words: marks), as: UTF8.self)
            #expect(AuthChallenge.parse([text]).count <= 8)
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func pullSecretsAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original =
            "{\"auths\":{\"https://r.example:5000/v1/\":{\"auth\":\"dXNlcjpwYXNz\"},\"*.io/a\":{\"username\":\"u\"}}}"
        let words = [
            "null", "*", "?", "/", ":", "//", "https://", "[", "]", "\\u0000", "=", "\"identitytoken\":\"t\",",
        ]
        let image = try ImageReference(parsing: "r.example:5000/a/b")
        for _ in 0..<200 {
            let bytes = generator.mutated(Array(original.utf8), words: words)
            guard let config = try? DockerConfig(dockerConfigJSON: SecretBytes(bytes)) else { continue }
            for credential in DockerConfig.credentials(for: image, in: [config]) {
                #expect(credential.basicAuthorization.hasPrefix("Basic "))
            }
        }
    }
}
