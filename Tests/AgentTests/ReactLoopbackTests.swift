import Glibc
import SecretSpec
import Synchronization
import Testing
import VaultClient

@testable import Agent

@Suite("Requests to the pod's loopback")
struct ReactLoopbackTests {
    static func answer(_ status: String, _ fields: String = "", body: String = "") -> ReactLoopbackServer.Answer {
        .bytes("HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    }

    /// The error of one call, nil where it succeeded, and the heads that came in.
    func call(
        _ answer: ReactLoopbackServer.Answer, method: String = "POST", expecting status: Int? = nil,
        timeout: Duration = .seconds(60)
    ) async throws -> (error: ReactionError?, port: UInt16, heads: [String]) {
        let server = try ReactLoopbackServer(answer)
        defer { server.stop() }
        let url = "http://127.0.0.1:\(server.port)/-/reload?x=1"
        var error: ReactionError?
        do throws(ReactionError) {
            try await LoopbackCall(.init(method: method, url: url, status: status), timeout: timeout).run()
        } catch let problem { error = problem }
        return (error, server.port, server.requests)
    }

    @Test(
        "each method, with the length that servers want", arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    func methods(method: String) async throws {
        let answer: ReactLoopbackServer.Answer =
            method == "HEAD"
            ? .bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") : Self.answer("200 OK", body: "done\n")
        let (error, port, heads) = try await call(answer, method: method)
        #expect(error == nil)
        let head = try #require(heads.first)
        #expect(heads.count == 1 && head.hasPrefix("\(method) /-/reload?x=1 HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"))
        #expect(head.contains("Content-Length: 0\r\n") == ["POST", "PUT", "PATCH"].contains(method))
        #expect(!head.contains("Content-Type") && !head.contains("Expect") && !head.contains("Transfer-Encoding"))
    }

    @Test(
        "the status counts, and 2xx where none is named",
        arguments: [
            ("200 OK", nil, true), ("204 No Content", nil, true), ("299 Odd", nil, true), ("302 Found", nil, false),
            ("500 Internal Server Error", nil, false), ("404 Not Found", nil, false), ("404 Not Found", 404, true),
            ("302 Found", 302, true), ("200 OK", 204, false), ("503 Service Unavailable", 200, false),
        ] as [(String, Int?, Bool)])
    func statuses(line: String, expected: Int?, isGood: Bool) async throws {
        let status = try #require(Int(line.prefix(3)))
        let (error, _, heads) = try await call(
            Self.answer(line, "Location: http://127.0.0.1:1/\r\n"), expecting: expected)
        #expect(error == (isGood ? nil : .status(status, expected: expected)))
        #expect(heads.count == 1, "redirects are not followed")
    }

    @Test("an answer that is long, or never ends, is not waited for")
    func largeBody() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
        let body = String(repeating: "x", count: 200_000)
        #expect(try await call(.bytes(head + body)).error == nil)
        #expect(try await call(.bytes("HTTP/1.1 500 No\r\n\r\n" + body)).error == .status(500, expected: nil))
    }

    @Test("nobody there, nobody answering, and somebody who speaks something else")
    func faults() async throws {
        let slow = try await call(.silence, timeout: .milliseconds(200))
        #expect(slow.error == .request(.timeout(host: "127.0.0.1:\(slow.port)")))
        let reset = try await call(.reset)
        #expect(reset.error == .request(.connectionLost(host: "127.0.0.1:\(reset.port)")))
        let other = try await call(.bytes("SSH-2.0-OpenSSH_9.2\r\n"))
        #expect(other.error == .request(.malformed(host: "127.0.0.1:\(other.port)")))
        let closed = try await call(.bytes(""))
        #expect(closed.error == .request(.connectionLost(host: "127.0.0.1:\(closed.port)")))

        let server = try ReactLoopbackServer(.silence)
        server.stop()
        await #expect(throws: ReactionError.request(.notConnected("127.0.0.1:\(server.port)"))) {
            try await LoopbackCall(.init(method: "POST", url: "http://127.0.0.1:\(server.port)/")).run()
        }
    }

    @Test("localhost is the loopback, whatever a name service says")
    func names() async throws {
        let server = try ReactLoopbackServer(Self.answer("200 OK"))
        defer { server.stop() }
        try await LoopbackCall(.init(method: "GET", url: "http://localhost:\(server.port)")).run()
        #expect(server.requests.count == 1)
    }

    @Test(
        "a client for the loopback asks nobody else, and other clients do not ask in the clear",
        arguments: [
            "https://127.0.0.1:8080/", "http://127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:080/",
            "http://127.0.0.1:99999/", "http://127.0.0.2:80/", "http://127.0.0.1:80@example.org/",
            "http://user@127.0.0.1:80/", "http://example.org:80/", "http://127.0.0.1.example.org:80/",
            "http://localhost.example.org:80/", "http://[::2]:80/", "http://[::1]:80#@example.org/",
            "HTTP://127.0.0.1:8/",
            "http://127.0.0.1:80\\@example.org/", "http:// 127.0.0.1:80/", "", "ftp://127.0.0.1:80/",
            "file:///etc/passwd",
        ])
    func elsewhere(url: String) async {
        #expect(await isRefused(url, reach: .loopback))
        if url.hasPrefix("http:") { #expect(await isRefused(url, reach: .https)) }
    }

    /// Whether nothing is sent.
    private func isRefused(_ url: String, reach: HTTPOptions.Reach) async -> Bool {
        do throws(HTTPError) {
            _ = try await HTTPClient(HTTPOptions(reach: reach)).send(HTTPRequest(url: url))
            return false
        } catch {
            if case .refused = error { return true } else { return false }
        }
    }

    @Test("the runner tells what came of it, once, and hands restarts by probe over")
    func runner() async throws {
        let server = try ReactLoopbackServer(Self.answer("200 OK"))
        defer { server.stop() }
        let folder = try TemporaryFolder()
        let runner = ReactionRunner(directory: folder.path + "/missing")
        let actions: [AgentPlan.Action] = [
            .request(.init(method: "POST", url: "http://127.0.0.1:\(server.port)/")),
            .signal(try #require(Signal(name: "SIGHUP"))), .restartBySignal(graceSeconds: 1),
            .restartByProbe(containers: ["web"], windowSeconds: 2),
        ]
        let results = Mutex<[Int: [ReactionError?]]>([:])
        var probes = RestartProbes()
        let start = ContinuousClock.now
        for (id, action) in actions.enumerated() {
            runner.run(.init(id: id, action: action), probes: &probes, at: start) { id, result in
                var error: ReactionError?
                if case .failure(let problem) = result { error = problem }
                results.withLock { $0[id, default: []].append(error) }
            }
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while results.withLock({ $0.count }) < 3, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
        let missing = ReactionError.system(attempt: "look at '\(folder.path)/missing'", code: ENOENT)
        #expect(results.withLock { $0 } == [0: [nil], 1: [missing], 2: [missing]])
        #expect([0, 1, 2].map { probes.isAlive("web", at: start + .seconds($0)) } == [false, false, true])
        let finished = probes.takeFinished(at: start + .seconds(2))
        #expect(finished == [3])
    }
}
