import SecretSpec
import Synchronization
import Testing

@testable import VaultClient

/// Connections that look alive and lead nowhere any more.
@Suite struct DeadConnectionTests {
    private let authority = TestAuthority()

    private func timesOut(_ client: HTTPClient, _ url: String, after limit: Duration) async -> Bool {
        do {
            _ = try await client.send(HTTPRequest(url: url, timeout: limit))
            return false
        } catch {
            guard case .timeout = error else { return false }
            return true
        }
    }

    @Test("after a time-out the next try has a connection of its own, and none that is older is used again")
    func http1() async throws {
        let server = try ScriptedServer(authority.issue()) { _ in .init(body: [1], delay: 300) }
        defer { server.stop() }
        let relay = try FreezingRelay(to: server.port)
        defer { relay.stop() }
        let client = HTTPClient(HTTPOptions(extraCABundle: authority.pem))
        defer { client.shutdown() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = try? await client.send(HTTPRequest(url: relay.url)) } }
        }
        #expect(relay.connectionCount == 4)
        relay.freeze()
        #expect(await timesOut(client, relay.url, after: .seconds(3)))
        for _ in 0..<3 { #expect(try await client.send(HTTPRequest(url: relay.url)).status == 200) }
        #expect(relay.connectionCount == 5, "the new one is kept")
    }

    @Test(
        "a dead connection of HTTP/2 is not used again",
        .enabled(if: HTTP2Server.isInstalled, HTTP2Server.remedy))
    func http2() async throws {
        let server = try HTTP2Server(authority.issue())
        defer { server.stop() }
        let relay = try FreezingRelay(to: server.port)
        defer { relay.stop() }
        let client = HTTPClient(HTTPOptions(extraCABundle: authority.pem))
        defer { client.shutdown() }
        for _ in 0..<3 { #expect(try await client.send(HTTPRequest(url: relay.url)).status == 200) }
        #expect(relay.connectionCount == 1)
        relay.freeze()
        let url = relay.url
        let timeouts = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 { group.addTask { await timesOut(client, url, after: .milliseconds(400)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(timeouts == [true, true, true])
        for _ in 0..<3 { #expect(try await client.send(HTTPRequest(url: relay.url)).status == 200) }
        #expect(relay.connectionCount == 2, "the new one is kept, and the dead one is not")
    }

    @Test("a look reads what has changed though its connections have died, within the time of one look")
    func look() async throws {
        let value = Mutex("old")
        let azure = try FakeAzure { _ in FakeAzure.secret(value.withLock { $0 }) }
        defer { azure.stop() }
        let relay = try FreezingRelay(to: azure.server.port)
        defer { relay.stop() }
        let plan = try azure.plan(["akv://near/x", "akv://near/y"], endpoints: ["near": relay.url])
        let client = azure.client(plan) { $0.requestTimeout = .seconds(60) }
        defer { client.shutdown() }
        let policy = RetryPolicy(
            initialDelay: .milliseconds(1), maximumAttempts: 2, retriesThrottled: false,
            firstTryLimit: .milliseconds(500))
        func texts() async throws -> [String] {
            let snapshot = await client.look(deadline: .now + .seconds(20), retryPolicy: policy)
            return try client.files(of: snapshot).get().map(\.text)
        }
        #expect(try await texts() == ["old", "old"])
        relay.freeze()
        value.withLock { $0 = "new" }
        #expect(try await texts() == ["new", "new"])
    }

    @Test("only the first try is shortened, and never beyond the look's deadline")
    func firstTry() {
        let now = ContinuousClock.now
        let budget = Budget(deadline: now + .seconds(30), policy: RetryPolicy(firstTryLimit: .seconds(4)))
        #expect(budget.deadline(ofTry: 1, from: now) == now + .seconds(4))
        #expect(budget.deadline(ofTry: 2, from: now) == budget.deadline)
        #expect(budget.deadline(ofTry: 1, from: now + .seconds(29)) == budget.deadline)
        #expect(Budget(deadline: now + .seconds(30)).deadline(ofTry: 1, from: now) == now + .seconds(30))
    }
}
