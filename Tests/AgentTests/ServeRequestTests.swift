import Testing

@testable import Agent

@Suite("Heads of requests to the agent's port")
struct ServeRequestTests {
    static func parse(_ text: String) -> LocalRequest.Progress { LocalRequest.parse(Array(text.utf8)) }

    @Test(
        "what probes, Prometheus and curl send",
        arguments: [
            ("GET /healthz HTTP/1.1\r\nHost: 10.0.0.1:8400\r\nUser-Agent: kube-probe/1.36\r\n\r\n", "/healthz"),
            ("GET /restart/web HTTP/1.1\r\n\r\n", "/restart/web"), ("GET / HTTP/1.0\r\n\r\n", "/"),
            ("GET /metrics?x=/healthz HTTP/1.1\n\n", "/metrics"), ("GET /a%20b HTTP/1.1\r\n\n", "/a%20b"),
            ("GET //x HTTP/1.1\r\nA: b\r\n\r\ntrailing", "//x"),
        ])
    func good(text: String, path: String) {
        #expect(Self.parse(text) == .request(LocalRequest(path: path, isHead: false)))
        let head = "HEAD" + text.dropFirst(3)
        #expect(Self.parse(head) == .request(LocalRequest(path: path, isHead: true)))
        let bytes = Array(text.utf8)
        let line = bytes.prefix { $0 != 0x0A }.count
        for count in 0...line { #expect(LocalRequest.parse(Array(bytes.prefix(count))) == .partial) }
    }

    @Test(
        "what is refused",
        arguments: [
            ("\r\n\r\n", 400), ("GET\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 400),
            ("GET / HTTP/1.1 x\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400), ("GET x HTTP/1.1\r\n\r\n", 400),
            ("GET http://h/ HTTP/1.1\r\n\r\n", 400), ("G@T / HTTP/1.1\r\n\r\n", 400), (" / HTTP/1.1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\n\r\n", 405), ("get / HTTP/1.1\r\n\r\n", 405), ("OPTIONS / HTTP/1.1\r\n\r\n", 405),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400), ("\u{16}\u{3}\u{1}", 400), ("GET /\u{0}", 400),
            (String(repeating: "x", count: 4096), 431),
            ("GET / HTTP/1.1\r\nA: " + String(repeating: "x", count: 4096) + "\r\n\r\n", 431),
        ])
    func refused(text: String, status: Int) { #expect(Self.parse(text) == .refused(status)) }

    @Test("any bytes have an answer, and none waits for more than a head")
    func anyBytes() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let alphabet = Array("GETHAD/ 1.\r\n\u{0}\u{7F}x".utf8) + [0xFF, 0xC3]
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in alphabet.randomElement() ?? 0 }
            _ = LocalRequest.parse(Array("GET / HTTP/1.1".utf8.prefix(Int.random(in: 0...14))) + bytes)
        }
        #expect(LocalRequest.parse([UInt8](repeating: 0x41, count: 4095)) == .partial)
        #expect(LocalRequest.parse([UInt8](repeating: 0xFF, count: 4096)) == .refused(431))
    }
}
