import Foundation
import SecretSpec
import Synchronization
import Testing

@testable import VaultClient

/// One client that looks again and again, as a refresh does.
@Suite struct LookTests {
    private static let refresh = RetryPolicy(
        initialDelay: .milliseconds(1), maximumAttempts: 2, retriesThrottled: false)

    private func look(
        _ client: VaultClient, within duration: Duration = .seconds(20), _ policy: RetryPolicy? = refresh
    ) async -> SecretSnapshot {
        await client.look(deadline: .now + duration, retryPolicy: policy)
    }

    @Test("one login and one connection serve all looks")
    func reuse() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        for _ in 0..<5 { #expect(try client.files(of: await look(client)).get().map(\.text) == ["v"]) }
        #expect(azure.loginRequests.count == 1 && azure.vaultRequests.count == 5)
        #expect(azure.server.connectionCount <= 2)
    }

    @Test("a look of a refresh tries a passing fault once more", arguments: [500, 503])
    func oneRetry(_ status: Int) async throws {
        let azure = try FakeAzure { _ in FakeAzure.fault(status, "x") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        let first = await look(client)
        #expect(first.objects.map(\.error?.kind) == [.unavailable] && azure.vaultRequests.count == 2)
        #expect(first.objects.first?.error?.description.contains("after 2 tries") == true)
        _ = await look(client)
        #expect(azure.vaultRequests.count == 4)
    }

    @Test("any number of tries is taken; one is the least", arguments: [Int.min, 0, 1])
    func oneTry(_ attempts: Int) async throws {
        let azure = try FakeAzure { _ in FakeAzure.fault(500, "x") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        _ = await look(client, RetryPolicy(maximumAttempts: attempts))
        #expect(azure.vaultRequests.count == 1)
    }

    @Test("what throttles is not asked again in that look, nor in later ones before it opens")
    func throttled() async throws {
        let calls = Counter()
        let azure = try FakeAzure { _ in
            calls.next() == 1 ? FakeAzure.fault(429, "x", headers: [("Retry-After", "60")]) : FakeAzure.secret("v")
        }
        defer { azure.stop() }
        let passed = Mutex<Duration>(.zero)
        var timing = Timing()
        timing.now = { .now + passed.withLock { $0 } }
        let client = azure.client(try azure.plan(["akv://shop/x", "akv://shop/y"]), timing: timing) {
            $0.maximumConcurrency = 1
        }
        defer { client.shutdown() }
        let begin = ContinuousClock.now
        let first = await client.look(deadline: begin + .seconds(600), retryPolicy: Self.refresh)
        #expect(first.objects.map(\.error?.kind) == [.throttled, .throttled] && calls.value == 1)
        let asked = first.objects.compactMap(\.error?.retryAfter)
        #expect(asked.first == .seconds(60) && asked.count == 2 && asked.allSatisfy { $0 <= .seconds(60) })
        passed.withLock { $0 = .seconds(30) }
        let second = await client.look(deadline: begin + .seconds(600), retryPolicy: Self.refresh)
        let left = try #require(second.objects.first?.error?.retryAfter)
        #expect(left <= .seconds(30) && left > .zero && calls.value == 1, "an earlier look's gate holds")
        passed.withLock { $0 = .seconds(61) }
        let third = await client.look(deadline: begin + .seconds(600), retryPolicy: Self.refresh)
        #expect(third.objects.allSatisfy(\.isUsable) && calls.value == 3)
    }

    @Test("the options' policy is used where a look has none")
    func optionsPolicy() async throws {
        let calls = Counter()
        let azure = try FakeAzure { _ in
            calls.next() < 5 ? FakeAzure.fault(503, "x") : FakeAzure.secret("v")
        }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        #expect(await look(client, nil).objects.map(\.isUsable) == [true])
        #expect(calls.value == 5)
    }

    @Test("a refused login is asked for anew by the next look, though both have one deadline")
    func refusedLogin() async throws {
        let calls = Counter()
        let azure = try FakeAzure(login: { _ in
            calls.next() == 1
                ? .json(#"{"error":"invalid_client","error_codes":[700016]}"#, status: 400)
                : .json(#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#)
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x", "akv://shop/y"]))
        defer { client.shutdown() }
        let deadline = ContinuousClock.now + .seconds(20)
        let first = await client.look(deadline: deadline, retryPolicy: Self.refresh)
        #expect(first.objects.map(\.error?.kind) == [.loginRefused, .loginRefused] && calls.value == 1)
        #expect(first.objects.allSatisfy { $0.error?.isRevocation == true })
        let second = await client.look(deadline: deadline, retryPolicy: Self.refresh)
        #expect(second.objects.allSatisfy(\.isUsable) && calls.value == 2)
    }

    @Test(
        "a vault that refuses even a fresh token costs one look two reads and one login, whatever the number of secrets"
    )
    func unauthenticated() async throws {
        let azure = try FakeAzure { _ in FakeAzure.fault(401, "Unauthorized") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan((0..<6).map { "akv://shop/s\($0)" })) { $0.maximumConcurrency = 1 }
        defer { client.shutdown() }
        for number in 1...3 {
            let kinds = await look(client).objects.map(\.error?.kind)
            #expect(kinds == Array(repeating: .unauthenticated, count: 6))
            #expect(azure.vaultRequests.count == 2 * number && azure.loginRequests.count == 1 + number)
        }
    }

    @Test("while Entra ID wants to be left alone and the old token lives, looks read on and do not ask it")
    func throttledRenewal() async throws {
        let calls = Counter()
        let azure = try FakeAzure(login: { _ in
            calls.next() == 1
                ? .json(#"{"token_type":"Bearer","expires_in":1000,"access_token":"t"}"#)
                : .json("{}", status: 429, headers: [("Retry-After", "500")])
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let passed = Mutex<Duration>(.zero)
        var timing = Timing()
        timing.now = { .now + passed.withLock { $0 } }
        let client = azure.client(try azure.plan(["akv://shop/x", "akv://shop/y"]), timing: timing)
        defer { client.shutdown() }
        let policy = RetryPolicy(
            initialDelay: .milliseconds(1), maximumRetryAfter: .seconds(600), maximumAttempts: 2,
            retriesThrottled: false)
        for (seconds, isUsable, logins) in [
            (0, true, 1), (810, true, 2), (870, true, 2), (990, true, 2), (1200, false, 2), (1350, false, 3),
        ] {
            passed.withLock { $0 = .seconds(seconds) }
            let snapshot = await client.look(deadline: timing.now() + .seconds(20), retryPolicy: policy)
            #expect(snapshot.objects.allSatisfy { $0.isUsable == isUsable }, "\(seconds) s")
            #expect(calls.value == logins, "\(seconds) s")
        }
    }

    @Test("a look that is given up does not harm the next one")
    func cancelled() async throws {
        let calls = Counter()
        let azure = try FakeAzure(login: { _ in
            var reply = ScriptedServer.Reply.json(#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#)
            if calls.next() == 1 { reply.delay = 60_000 }
            return reply
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        let abandoned = Task { await look(client) }
        while calls.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        abandoned.cancel()
        #expect(await look(client).objects.map(\.isUsable) == [true])
        #expect(await abandoned.value.objects.map(\.isUsable) == [false])
    }

    @Test("which errors are revocations")
    func revocations() {
        let kinds: Set<VaultError.Kind> = [
            .loginRefused, .unauthenticated, .forbidden, .firewall, .notFound, .disabled, .deleted,
        ]
        for kind in VaultError.Kind.allCases {
            #expect(VaultError(kind, "x").isRevocation == kinds.contains(kind), "\(kind)")
            #expect(!VaultError(kind, "x", isTransient: true).isRevocation)
        }
    }
}

extension SecretSnapshot.Object {
    /// Whether there is something to make files of.
    fileprivate var isUsable: Bool { document != nil }
}
