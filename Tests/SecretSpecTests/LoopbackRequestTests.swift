import SecretSpec
import TestSupport
import Testing

struct LoopbackRequestTests {
    @Test(
        arguments: [
            ("http://127.0.0.1:8080/-/reload", "POST", "http://127.0.0.1:8080/-/reload", nil),
            ("GET http://localhost:1/x?y=z&w", "GET", "http://localhost:1/x?y=z&w", nil),
            ("PUT  http://[::1]:65535 204", "PUT", "http://[::1]:65535", 204),
            ("http://127.0.0.1:80/ 200", "POST", "http://127.0.0.1:80/", 200),
        ] as [(String, String, String, Int?)])
    func accepted(_ text: String, _ method: String, _ url: String, _ status: Int?) throws {
        let request = try #require(AgentPlan.LoopbackRequest(parsing: text))
        #expect(request.method == method && request.url == url && request.status == status)
    }

    @Test(
        "nothing but the pod's own loopback is asked",
        arguments: [
            "", "POST", "http://127.0.0.1", "http://127.0.0.1/x", "https://127.0.0.1:1/", "http://10.0.0.1:80/",
            "http://127.0.0.1.evil:80/", "http://127.0.0.1:80@evil/", "http://127.0.0.1:80.evil/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:65536/", "http://127.0.0.1:x/", "http://u@127.0.0.1:80/", "http://127.0.0.1:80/#f",
            "http://127.0.0.1:80/a b", "http://127.0.0.1:80\\evil/", "http://127.0.0.1:80?x", "HTTP://127.0.0.1:80/",
            "TRACE http://127.0.0.1:80/", "get http://127.0.0.1:80/", "http://127.0.0.1:80/ 99",
            "http://127.0.0.1:80/ 600",
            "http://127.0.0.1:80/ +200", "GET http://127.0.0.1:80/ 200 x", "http://127.0.0.1:80/\r\nX: y",
            "http://127.0.0.1:80/é",
            "http://127.0.0.1:+80/", "http://[::1]/", "http://127.1:80/", "http://0.0.0.0:80/", "GET GET",
        ])
    func refused(_ text: String) {
        #expect(AgentPlan.LoopbackRequest(parsing: text) == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func mutations(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let words = [
            " ", "@", ":", "/", "#", "http://", "127.0.0.1", "localhost", "[::1]", "GET ", "200", "\u{301}", "\0",
        ]
        for _ in 0..<300 {
            let bytes = generator.mutated(Array("POST http://127.0.0.1:8080/-/reload?x=1 204".utf8), words: words)
            guard let request = AgentPlan.LoopbackRequest(parsing: String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            let hosts = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"]
            #expect(hosts.contains { request.url.hasPrefix($0) })
            #expect(!request.url.contains(" ") && !request.url.contains("#"))
        }
    }
}
