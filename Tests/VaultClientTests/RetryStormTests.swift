import Synchronization
import Testing

@testable import VaultClient

/// Many references of one pod are one caller to Entra ID and to each vault.
@Suite struct RetryStormTests {
    private let references = (0..<20).map { "akv://shop/s\($0)" }

    /// Timing whose sleeps take no time, and the time that was slept. For one sleeper at a time.
    private final class Slept: Sendable {
        private let start = ContinuousClock.now
        private let durations = Mutex<[Duration]>([])
        var count: Int { durations.withLock { $0.count } }

        var timing: Timing {
            var timing = Timing()
            timing.now = { self.start + self.durations.withLock { $0.reduce(.zero, +) } }
            timing.sleep = { duration in self.durations.withLock { $0.append(duration) } }
            timing.random = { 0.999 }
            return timing
        }
        var deadline: ContinuousClock.Instant { start + .seconds(60) }
    }

    private static let token = #"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#

    @Test("a refused login is asked for once")
    func refusedLogin() async throws {
        let azure = try FakeAzure(login: { _ in
            .json(#"{"error":"invalid_client","error_codes":[700016]}"#, status: 400)
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        guard case .failure(let failures) = try await azure.resolve(references) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.map(\.error.kind) == Array(repeating: .loginRefused, count: 20))
        #expect(azure.loginRequests.count == 1 && azure.vaultRequests.isEmpty)
    }

    @Test("a login that fails in passing is one series of tries", arguments: [429, 503])
    func failingLogin(_ status: Int) async throws {
        let azure = try FakeAzure(login: { _ in .json("{}", status: status, headers: [("Retry-After", "7")]) }) { _ in
            FakeAzure.secret("v")
        }
        defer { azure.stop() }
        let slept = Slept()
        let client = azure.client(try azure.plan(references), timing: slept.timing)
        defer { client.shutdown() }
        guard case .failure(let failures) = await client.resolve(deadline: slept.deadline) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.count == 20)
        // 60 s hold at most eight pauses of seven seconds.
        #expect((5...9).contains(azure.loginRequests.count))
        #expect(slept.count == azure.loginRequests.count - 1)
        #expect(azure.vaultRequests.isEmpty)
    }

    @Test("a login that recovers serves all", arguments: [429, 503])
    func recoveringLogin(_ status: Int) async throws {
        let calls = Counter()
        let azure = try FakeAzure(login: { _ in
            calls.next() < 3 ? .json("{}", status: status, headers: [("Retry-After", "2")]) : .json(Self.token)
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let slept = Slept()
        let client = azure.client(try azure.plan(references), timing: slept.timing)
        defer { client.shutdown() }
        #expect(try await client.resolve(deadline: slept.deadline).get().count == 20)
        #expect(azure.loginRequests.count == 3 && azure.vaultRequests.count == 20 && slept.count == 2)
    }

    @Test("a vault that asks for more time than there is hears of one object alone", arguments: [429, 503])
    func throttledVault(_ status: Int) async throws {
        let azure = try FakeAzure { _ in FakeAzure.fault(status, "x", headers: [("Retry-After", "100")]) }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(references)) { $0.maximumConcurrency = 1 }
        defer { client.shutdown() }
        guard case .failure(let failures) = await client.resolve(deadline: .now + .seconds(30)) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.map(\.error.isTransient) == Array(repeating: true, count: 20))
        #expect(azure.vaultRequests.count == 1)
    }

    @Test("a throttled vault is left alone by all who ask it, and no other vault is", arguments: [429, 503])
    func gate(_ status: Int) async throws {
        let early = Counter()
        let closed = Mutex<ContinuousClock.Instant?>(nil)
        let azure = try FakeAzure { request in
            guard request.header("Host")?.hasPrefix("shop.") == true else { return FakeAzure.secret("other") }
            return closed.withLock { closed in
                if let closed {
                    if ContinuousClock.now < closed + .seconds(1) { early.next() }
                    return FakeAzure.secret("v")
                }
                closed = .now
                return FakeAzure.fault(status, "x", headers: [("Retry-After", "1")])
            }
        }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(references + ["akv://other/x"])) { $0.maximumConcurrency = 1 }
        defer { client.shutdown() }
        #expect(try await client.resolve(deadline: .now + .seconds(60)).get().count == 21)
        #expect(early.value == 0 && azure.vaultRequests.count == 22)
    }

    @Test("whoever comes to a closed gate waits, and goes on when it opens")
    func waiting() async throws {
        let slept = Slept()
        let gate = RetryGate()
        let retrying = Retrying(timing: slept.timing)
        let error = VaultError(.throttled, "later", isTransient: true)
        gate.close(until: slept.timing.now() + .seconds(10), because: error)
        gate.close(until: slept.timing.now() + .seconds(3), because: error)
        let calls = Counter()
        let budget = Budget(deadline: slept.deadline)
        let opened = try await retrying.run(within: budget, gate: gate) { _ throws(VaultError) in
            calls.next()
            return slept.timing.now()
        }
        #expect(opened >= slept.deadline - .seconds(50) && slept.count == 1)
        gate.close(until: slept.deadline, because: error)
        let told = await #expect(throws: VaultError.self) {
            try await retrying.run(within: budget, gate: gate) { _ throws(VaultError) in calls.next() }
        }
        #expect(told?.kind == .throttled && told?.description == "later" && calls.value == 1)
        #expect(told?.retryAfter == slept.deadline - slept.timing.now(), "what is left of the time, not what it was")
    }
}
