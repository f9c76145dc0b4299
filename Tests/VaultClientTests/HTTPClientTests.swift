import COpenSSL
import Foundation
import Testing

@testable import VaultClient

@Suite struct HTTPClientTests {
    private let authority = TestAuthority()

    private func exchange(
        _ options: HTTPOptions? = nil, identity: TestAuthority.Identity? = nil, host: String = "127.0.0.1",
        request: HTTPRequest? = nil, maximumVersion: Int32 = 0, reply: @escaping ScriptedServer.Handler
    ) async throws -> (Result<HTTPResponse, HTTPError>, [ScriptedServer.Received]) {
        let server = try ScriptedServer(
            identity ?? authority.issue(), maximumVersion: maximumVersion, handler: reply)
        defer { server.stop() }
        let client = HTTPClient(options ?? HTTPOptions(extraCABundle: authority.pem))
        defer { client.shutdown() }
        var sent = request ?? HTTPRequest(url: "")
        sent.url = "https://\(host):\(server.port)/path?query=1"
        let final = sent
        let result = await Result.catching { () async throws(HTTPError) in try await client.send(final) }
        return (result, server.requests)
    }

    private func error(
        _ options: HTTPOptions? = nil, identity: TestAuthority.Identity? = nil, host: String = "127.0.0.1",
        maximumVersion: Int32 = 0, reply: @escaping ScriptedServer.Handler = { _ in .init() }
    ) async throws -> HTTPError? {
        let (result, _) = try await exchange(
            options, identity: identity, host: host, maximumVersion: maximumVersion, reply: reply)
        guard case .failure(let error) = result else { return nil }
        return error
    }

    @Test("what is sent arrives, what is answered comes back")
    func roundTrip() async throws {
        let (result, received) = try await exchange(
            request: HTTPRequest(method: "POST", url: "", headers: [("X-One", "1")], body: Array("a=b".utf8))
        ) { _ in .init(status: 201, headers: [("X-Two", "2"), ("x-two", "3")], body: [0, 255, 10]) }
        let response = try result.get()
        #expect(response.status == 201)
        #expect(response.headers("X-TWO") == ["2", "3"])
        #expect(response.body.isSame(as: SecretBytes([0, 255, 10])))
        #expect(received.map(\.method) == ["POST"])
        #expect(received.first?.target == "/path?query=1")
        #expect(received.first?.header("x-one") == "1")
        #expect(received.first?.body == "a=b")
        #expect(received.first?.header("Expect") == nil)
    }

    @Test("one connection serves many requests")
    func reuse() async throws {
        let server = try ScriptedServer(authority.issue()) { _ in .init(body: [1]) }
        defer { server.stop() }
        let client = HTTPClient(HTTPOptions(extraCABundle: authority.pem))
        defer { client.shutdown() }
        for _ in 0..<5 { _ = try await client.send(HTTPRequest(url: server.url)) }
        #expect(server.connectionCount == 1)
    }

    @Test("invariant 12: redirects are never followed", arguments: [301, 302, 303, 307, 308, 300, 305])
    func redirects(_ status: Int) async throws {
        let other = try ScriptedServer(authority.issue()) { _ in .init() }
        defer { other.stop() }
        let location = "\(other.url)/CANARY"
        let error = try await error { _ in .init(status: status, headers: [("Location", location)]) }
        #expect(error == .redirected(status: status, host: "127.0.0.1"))
        #expect(!"\(try #require(error))".contains("CANARY"))
        #expect(other.connectionCount == 0)
    }

    @Test("a redirect to no host is told without its text")
    func strangeRedirect() async throws {
        let error = try await error { _ in .init(status: 302, headers: [("Location", "javascript:CANARY")]) }
        #expect(error == .redirected(status: 302, host: nil))
    }

    @Test("an answer beyond the limit is given up")
    func tooLarge() async throws {
        let options = HTTPOptions(extraCABundle: authority.pem, maximumResponseBytes: 1000)
        let (exact, _) = try await exchange(options) { _ in .init(body: Array(repeating: 65, count: 1000)) }
        #expect(try exact.get().body.count == 1000)
        let error = try await error(options) { _ in .init(body: Array(repeating: 65, count: 1001)) }
        #expect(error == .tooLarge(host: "127.0.0.1", limit: 1000))
    }

    @Test("an endless head is given up")
    func endlessHead() async throws {
        let line = String(repeating: "x", count: 4000)
        let error = try await error { _ in .init(headers: (0..<40).map { ("X-\($0)", line) }) }
        #expect(error != nil)
    }

    @Test("a connection that breaks in the body is an error that may pass")
    func reset() async throws {
        let error = try await error { _ in .init(body: Array(repeating: 65, count: 5000), resetAfter: 100) }
        guard case .connectionLost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isTransient == true)
    }

    @Test(
        "what is not HTTP is an error",
        arguments: ["SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n\r\n", "", "HTTP/1.1 999 x\r\n\r\n"])
    func notHTTP(_ raw: String) async throws {
        #expect(try await error { _ in .init(raw: raw) } != nil)
    }

    @Test("no answer in time")
    func timeout() async throws {
        let options = HTTPOptions(extraCABundle: authority.pem, requestTimeout: .milliseconds(100))
        let error = try await error(options) { _ in .init(delay: 3000) }
        guard case .timeout = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a server whose CA is not trusted")
    func wrongCA() async throws {
        let error = try await error(HTTPOptions(extraCABundle: TestAuthority(name: "Another").pem))
        guard case .tls(_, .untrusted(nil)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isTransient == false)
    }

    @Test("a server whose CA cannot be read names the file")
    func unreadableCA() async throws {
        let error = try await error(HTTPOptions(caFile: "/nonexistent/ca.pem"))
        guard case .tls(_, .untrusted("/nonexistent/ca.pem")) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "a bundle that holds no certificate",
        arguments: ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func brokenBundle(_ bundle: String) async throws {
        guard case .trustStore = try await error(HTTPOptions(extraCABundle: bundle)) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("a certificate for another host, in name and address")
    func wrongHost() async throws {
        let identity = authority.issue(alternativeNames: "DNS:other.test")
        for host in ["127.0.0.1", "localhost"] {
            let error = try await error(identity: identity, host: host)
            guard case .tls(_, .hostMismatch) = error else {
                Issue.record("\(host): \(String(describing: error))")
                return
            }
        }
    }

    @Test("a certificate out of its time")
    func wrongTime() async throws {
        let expired = try await error(identity: authority.issue(validity: (-7200, -3600)))
        guard case .tls(_, .expired) = expired else {
            Issue.record("\(String(describing: expired))")
            return
        }
        let early = try await error(identity: authority.issue(validity: (3600, 7200)))
        guard case .tls(_, .notYetValid) = early else {
            Issue.record("\(String(describing: early))")
            return
        }
    }

    @Test("TLS below 1.2 is refused")
    func oldTLS() async throws {
        guard case .tls(_, .handshake) = try await error(maximumVersion: 0x0302) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("a CA is found in a long file, in a hashed directory, and through an intermediate")
    func trustSources() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let others = (0..<5).map { TestAuthority(name: "Other \($0)").pem }
        // A certificate of the same name comes first: the right one must be found all the same.
        let file = (others + ["garbage\n", TestAuthority().pem, authority.pem] + others).joined(
            separator: "# comment\n")
        let path = directory.appendingPathComponent("ca.pem").path
        try file.write(toFile: path, atomically: true, encoding: .utf8)
        let (fromFile, _) = try await exchange(HTTPOptions(caFile: path)) { _ in .init() }
        #expect(try fromFile.get().status == 200)
        let respelt = authority.issue(issuerNameType: V_ASN1_PRINTABLESTRING)
        let (byName, _) = try await exchange(HTTPOptions(caFile: path), identity: respelt) { _ in .init() }
        #expect(try byName.get().status == 200)

        let hash = String(
            X509_NAME_hash_ex(X509_get_subject_name(authority.root.certificate), nil, nil, nil), radix: 16)
        let name = String(repeating: "0", count: 8 - hash.count) + hash + ".0"
        try authority.pem.write(
            toFile: directory.appendingPathComponent(name).path, atomically: true, encoding: .utf8)
        let (fromDirectory, _) = try await exchange(HTTPOptions(caDirectory: directory.path)) { _ in .init() }
        #expect(try fromDirectory.get().status == 200)

        let intermediate = TestAuthority(name: "Intermediate", parent: authority)
        let server = try ScriptedServer(intermediate.issue(), chain: [intermediate.root]) { _ in .init() }
        defer { server.stop() }
        let client = HTTPClient(HTTPOptions(caFile: path))
        defer { client.shutdown() }
        #expect(try await client.send(HTTPRequest(url: server.url)).status == 200)
    }

    @Test("nobody listens")
    func refused() async throws {
        let client = HTTPClient(HTTPOptions(extraCABundle: authority.pem))
        defer { client.shutdown() }
        let port = try Loopback.closedPort()
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "https://127.0.0.1:\(port)/"))
        }
        #expect(error == .notConnected("127.0.0.1:\(port)"))
    }

    @Test("header injection is refused")
    func headerInjection() async throws {
        let (result, received) = try await exchange(
            request: HTTPRequest(url: "", headers: [("X", "1\r\nY: 2")])
        ) { _ in .init() }
        guard case .failure(.invalidRequest) = result else {
            Issue.record("sent")
            return
        }
        #expect(received.isEmpty)
    }

    @Test("cancelling the task aborts the transfer")
    func cancellation() async throws {
        let server = try ScriptedServer(authority.issue()) { _ in .init(delay: 20_000) }
        defer { server.stop() }
        let client = HTTPClient(HTTPOptions(extraCABundle: authority.pem, requestTimeout: .seconds(30)))
        defer { client.shutdown() }
        let url = server.url
        let task = Task {
            await Result.catching { () async throws(HTTPError) in try await client.send(HTTPRequest(url: url)) }
        }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        guard case .failure(.cancelled) = await task.value else {
            Issue.record("not cancelled")
            return
        }
    }

    @Test("after a shutdown nothing is sent, and what was under way fails")
    func shutdown() async throws {
        let server = try ScriptedServer(authority.issue()) { _ in .init(delay: 20_000) }
        defer { server.stop() }
        let client = HTTPClient(HTTPOptions(extraCABundle: authority.pem, requestTimeout: .seconds(30)))
        let url = server.url
        let task = Task {
            await Result.catching { () async throws(HTTPError) in try await client.send(HTTPRequest(url: url)) }
        }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        client.shutdown()
        guard case .failure(.shutDown) = await task.value else {
            Issue.record("not shut down")
            return
        }
        await #expect(throws: HTTPError.shutDown) { try await client.send(HTTPRequest(url: url)) }
    }

    @Test("the proxy is used, unless the host is an exception")
    func proxy() async throws {
        let server = try ScriptedServer(authority.issue()) { _ in .init() }
        defer { server.stop() }
        let proxy = try ConnectProxy(to: server.port)
        defer { proxy.stop() }
        let environment = ["HTTPS_PROXY": "http://user:CANARY@127.0.0.1:\(proxy.port)"]
        for (noProxy, uses) in [("", 1), ("other.test,.localhost", 1), ("127.0.0.0/8", 0), ("*", 0)] {
            let before = proxy.requests.count
            var options = HTTPOptions(extraCABundle: authority.pem)
            options.proxy = ProxyOptions(environment: environment.merging(["no_proxy": noProxy]) { $1 })
            let client = HTTPClient(options)
            #expect(try await client.send(HTTPRequest(url: server.url)).status == 200)
            client.shutdown()
            #expect(proxy.requests.count - before == uses, "NO_PROXY=\(noProxy)")
        }
        #expect(proxy.requests.first == "CONNECT 127.0.0.1:\(server.port) HTTP/1.1")
    }

    @Test("a proxy that refuses is told from a server that does", arguments: [403, 407, 502])
    func refusingProxy(_ status: Int) async throws {
        let proxy = try ConnectProxy(to: 1, refusing: status)
        defer { proxy.stop() }
        let proxyURL = "http://user:CANARY@127.0.0.1:\(proxy.port)"
        let client = HTTPClient(HTTPOptions(proxy: ProxyOptions(https: proxyURL)))
        defer { client.shutdown() }
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "https://shop.vault.azure.net/"))
        }
        #expect(error == .proxyRefused(status: status))
        #expect(!"\(try #require(error))".contains("CANARY"))
    }

    @Test("a proxy that does not answer is named, without its password")
    func silentProxy() async throws {
        let client = HTTPClient(HTTPOptions(proxy: ProxyOptions(https: "http://user:CANARY@127.0.0.1:1")))
        defer { client.shutdown() }
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "https://vault.test/x"))
        }
        #expect(error == .notConnectedByProxy("vault.test"))
        #expect(error?.isTransient == true)
        #expect(error?.description.contains("HTTPS_PROXY") == true)
        #expect(error?.description.contains("CANARY") == false)
    }

    @Test("the environment's proxy, lower case before upper case")
    func proxyEnvironment() {
        #expect(ProxyOptions(environment: [:]) == ProxyOptions())
        #expect(
            ProxyOptions(environment: ["https_proxy": "a", "HTTPS_PROXY": "b", "NO_PROXY": "c"])
                == ProxyOptions(https: "a", exceptions: "c"))
        #expect(ProxyOptions(environment: ["https_proxy": "", "HTTPS_PROXY": "b"]) == ProxyOptions(https: "b"))
        #expect(ProxyOptions(environment: ["HTTP_PROXY": "x", "ALL_PROXY": "y"]) == ProxyOptions())
    }
}

extension Result {
    /// A `Result` of something asynchronous.
    static func catching(_ body: () async throws(Failure) -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
