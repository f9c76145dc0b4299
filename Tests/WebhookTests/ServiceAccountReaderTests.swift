import Injector
import JSON
import Synchronization
import Testing

@testable import Webhook

@Suite struct ServiceAccountReaderTests {
    private let web = ServiceAccountName(namespace: "shop", name: "web")

    /// Reads that end when the test says so; each answers with its number.
    private final class Gate: Sendable {
        private struct State {
            var started = 0
            var open: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Mutex(State())

        var started: Int { state.withLock { $0.started } }

        func fetch(_ account: ServiceAccountName) async -> Result<[String: String], KubernetesError> {
            await withCheckedContinuation { continuation in
                state.withLock {
                    $0.started += 1
                    $0.open.append(continuation)
                }
            }
            return .success(["read": "\(started)"])
        }

        func release() {
            let all = state.withLock { state in
                defer { state.open = [] }
                return state.open
            }
            all.forEach { $0.resume() }
        }
    }

    private func wait(until condition: () -> Bool) async throws {
        for _ in 0..<2000 where !condition() { try await Task.sleep(for: .milliseconds(2)) }
        #expect(condition())
    }

    @Test func whoComesDuringAReadSharesTheNextOne() async throws {
        let gate = Gate()
        let reader = ServiceAccountReader(metrics: WebhookMetrics(), callerTimeout: .seconds(60), fetch: gate.fetch)
        let first = Task { [web] in try await reader.annotations(of: web) }
        try await wait { gate.started == 1 }
        let late = (0..<100).map { _ in Task { [web] in try await reader.annotations(of: web) } }
        while await reader.waitingCallers < 101 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(gate.started == 1)
        gate.release()
        #expect(try await first.value == ["read": "1"])
        try await wait { gate.started == 2 }
        gate.release()
        // None of them got the read that had begun before they came; all of them cost one read.
        for task in late { #expect(try await task.value == ["read": "2"]) }
        #expect(gate.started == 2)
    }

    @Test func readsOfDifferentAccountsAreBounded() async throws {
        let gate = Gate()
        let reader = ServiceAccountReader(metrics: WebhookMetrics(), callerTimeout: .seconds(60), fetch: gate.fetch)
        let tasks = (0..<100).map { index in
            Task { try await reader.annotations(of: ServiceAccountName(namespace: "n\(index)", name: "web")) }
        }
        while await reader.waitingCallers < 100 { try await Task.sleep(for: .milliseconds(2)) }
        try await wait { gate.started == ServiceAccountReader.maximumReads }
        try await Task.sleep(for: .milliseconds(20))
        #expect(gate.started == ServiceAccountReader.maximumReads)
        let releases = Task {
            while !Task.isCancelled {
                gate.release()
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        for task in tasks { _ = try await task.value }
        releases.cancel()
        #expect(gate.started == 100)
    }

    @Test func callersDoNotWaitForEver() async throws {
        let gate = Gate()
        let metrics = WebhookMetrics()
        let reader = ServiceAccountReader(metrics: metrics, callerTimeout: .milliseconds(50), fetch: gate.fetch)
        await #expect(throws: KubernetesError.timeout) { _ = try await reader.annotations(of: web) }
        gate.release()
    }

    @Test(arguments: [
        ("shop", "../../secrets"), ("shop", "a/b"), ("shop", ""), ("shop", "Web"), ("shop", "web?x=1"),
        ("shop", "web#"), ("shop", "web\u{0}"), ("shop", "web\r\nX: y"), ("shop", ".."), ("shop", "-web"),
        ("shop", "web%2Fx"), ("shop", "wéb"), ("shop", String(repeating: "a", count: 254)),
        ("../kube-system", "web"), ("shop/x", "web"), ("", "web"), ("SHOP", "web"), ("a.b", "web"), ("sh op", "web"),
        (String(repeating: "a", count: 64), "web"),
    ])
    func forgedNamesReachNoURL(namespace: String, name: String) async throws {
        let gate = Gate()
        let reader = ServiceAccountReader(metrics: WebhookMetrics(), fetch: gate.fetch)
        await #expect(throws: KubernetesError.invalidName) {
            _ = try await reader.annotations(of: ServiceAccountName(namespace: namespace, name: name))
        }
        #expect(gate.started == 0)
    }
}
