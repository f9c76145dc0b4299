import Injector
import Testing

@testable import Webhook

@Suite struct ManifestTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)
    private static let config =
        "{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"digest\":\"\(digest)\",\"size\":2}"

    @Test(arguments: [
        "{\"schemaVersion\":2,\"config\":\(config),\"layers\":[]}",
        "{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":\(config)}",
        "{\"Config\":\(config)}",
    ])
    func imagesAreRead(json: String) throws {
        #expect(try Manifest(parsing: Array(json.utf8)) == .image(try #require(ContentDigest(Self.digest))))
    }

    @Test(arguments: [
        ("{\"manifests\":[],\"config\":\(config)}", ImageError.malformedAnswer(.manifest)),
        ("{\"manifests\":[],\"layers\":[]}", .malformedAnswer(.manifest)), ("{}", .malformedAnswer(.manifest)),
        ("{\"config\":\(config),\"Config\":\(config)}", .malformedAnswer(.manifest)),
        (
            "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"config\":\(config)}",
            .malformedAnswer(.manifest)
        ),
        (
            "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]}",
            .malformedAnswer(.manifest)
        ),
        ("{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}", .schema1),
        (
            "{\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\",\"digest\":\"\(digest)\"}}",
            .notAnImage
        ),
        (
            "{\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"x\"}}",
            .malformedAnswer(.manifest)
        ),
        (
            "{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"digest\":\"\(digest)\"}]}",
            .nestedIndex
        ),
        ("{\"manifests\":[1]}", .malformedAnswer(.manifest)), ("{\"manifests\":{}}", .malformedAnswer(.manifest)),
        ("<html>", .malformedAnswer(.manifest)), (String(repeating: "[", count: 100_000), .malformedAnswer(.manifest)),
        (String(repeating: "{\"a\":", count: 100_000), .malformedAnswer(.manifest)),
    ])
    func whatCannotBeReadInOneWayIsRefused(json: String, error: ImageError) {
        #expect(throws: error) { try Manifest(parsing: Array(json.utf8)) }
    }

    @Test(arguments: [
        ("{\"config\":{\"Entrypoint\":[\"/a\"],\"Cmd\":[\"b\",\"\"]}}", ["/a"], ["b", ""]),
        ("{\"config\":{\"Entrypoint\":null}}", [], []), ("{}", [], []), ("{\"config\":{\"cmd\":[\"x\"]}}", [], ["x"]),
        ("{\"os\":\"linux\",\"Config\":{\"ENTRYPOINT\":[\"x\"]}}", ["x"], []),
    ])
    func configurationsAreReadAsGoReadsThem(json: String, entrypoint: [String], cmd: [String]) throws {
        let command = try ImageConfiguration.command(parsing: Array(json.utf8))
        #expect(command == ImageCommand(entrypoint: entrypoint, cmd: cmd))
    }

    @Test(arguments: [
        "{\"config\":{\"Entrypoint\":\"/a\"}}", "{\"config\":{\"Entrypoint\":[1]}}", "{\"config\":[]}", "null", "[]",
        "{\"config\":{\"Cmd\":[\"a\"],\"cmd\":[\"b\"]}}", "{\"config\":{\"Cmd\":[\"a\\u0000b\"]}}",
        "{\"config\":{\"Cmd\":[\"\(String(repeating: "x", count: 200_000))\"]}}",
    ])
    func whatNoRuntimeCouldRunIsRefused(json: String) {
        #expect(throws: ImageError.malformedAnswer(.configuration)) {
            try ImageConfiguration.command(parsing: Array(json.utf8))
        }
    }

    @Test func challengesAreReadWhereverTheyStand() {
        #expect(
            AuthChallenge.parse(["Basic realm=\"a, b\", Bearer realm=\"https://x/t?a=b\",service=s , scope=\"q\\\"\""])
                .map {
                    [
                        $0.scheme, $0.parameters["realm"] ?? "", $0.parameters["service"] ?? "",
                        $0.parameters["scope"] ?? "",
                    ]
                }
                == [["basic", "a, b", "", ""], ["bearer", "https://x/t?a=b", "s", "q\""]])
        #expect(AuthChallenge.parse(["BEARER REALM=\"x\"", "Basic"]).map(\.scheme) == ["bearer", "basic"])
        for hostile in [
            "", "=", "==", "\"", "Bearer realm=\"", "Bearer realm=\"\\", ",,,", "a=b", "Bearer =x",
            String(repeating: "x ", count: 5000),
        ] {
            #expect(AuthChallenge.parse([hostile]).allSatisfy { $0.parameters["realm"] == nil })
        }
    }
}
