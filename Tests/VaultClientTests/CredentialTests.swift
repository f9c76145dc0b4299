import Foundation
import Synchronization
import Testing

@testable import VaultClient

/// Invariant 24: the token is read for each use, an expired one is never sent, a wrong clock is survived.
@Suite struct ServiceAccountTokenTests {
    private func read(_ content: String?, wallSeconds: Int = 1_000_000) throws -> ServiceAccountToken {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        if let content { try content.write(toFile: path, atomically: true, encoding: .utf8) }
        return try ServiceAccountToken.read(path, wallSeconds: wallSeconds)
    }

    private func token(_ claims: String) -> String {
        "aGVhZA.\(Data(claims.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")).c2ln"
    }

    @Test("the claims that messages need")
    func claims() throws {
        let read = try read(token(#"{"iss":"i","sub":"s","aud":["a","b"],"exp":1000001}"#) + "\n")
        #expect(read.claims.issuer == "i" && read.claims.subject == "s" && read.claims.audiences == ["a", "b"])
        #expect(try self.read(token(#"{"aud":"one","exp":2000000.5}"#)).claims.audiences == ["one"])
    }

    @Test("invariant 24: an expired token is not returned")
    func expired() throws {
        for expiry in [1_000_000, 999_999, 0, -5, Int.min] {
            let error = #expect(throws: ServiceAccountToken.Problem.self) { try read(token(#"{"exp":\#(expiry)}"#)) }
            guard case .expired = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(error?.vaultError.isTransient == true)
        }
    }

    @Test("invariant 24: a token from the future is sent; this node's clock may be behind")
    func future() throws {
        _ = try read(token(#"{"iat":1000300,"nbf":1000300,"exp":1003900}"#))
    }

    @Test(
        "files that hold no token",
        arguments: ["", "\n", "a.b", "a.b.c", "a.e30.c", "ä.e30.c", "..", "a.eyJleHAiOiJ4In0.c"])
    func malformed(_ content: String) {
        let error = #expect(throws: ServiceAccountToken.Problem.self) { try read(content) }
        #expect(error?.vaultError.isTransient == false)
    }

    @Test("a missing file, a folder, an endless file")
    func unreadable() throws {
        let error = #expect(throws: ServiceAccountToken.Problem.self) { try read(nil) }
        #expect("\(try #require(error).vaultError)".contains("does not exist"))
        #expect(throws: ServiceAccountToken.Problem.self) { try ServiceAccountToken.read("/tmp", wallSeconds: 0) }
        #expect(throws: ServiceAccountToken.Problem.self) { try ServiceAccountToken.read("/dev/zero", wallSeconds: 0) }
    }
}

@Suite struct ExpiringCredentialTests {
    private final class Clock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private let calls = Counter()

    private func credential(
        lifetime: Duration = .seconds(3600), delay: Duration = .zero, failing: Int = 0,
        with error: VaultError = VaultError(.loginRefused, "no")
    ) -> ExpiringCredential<Int> {
        let (clock, calls) = (clock, calls)
        var timing = Timing()
        timing.now = { clock.now }
        timing.sleep = { clock.advance($0) }
        timing.random = { 0.5 }
        let retrying = Retrying(timing: timing)
        return ExpiringCredential(retrying: retrying) { _ throws(VaultError) in
            let call = calls.next()
            try? await Task.sleep(for: delay)
            if call <= failing { throw error }
            return .init(value: call, requestedAt: clock.now, lifetime: lifetime)
        }
    }

    @Test("however many ask at once, one request is made")
    func singleFlight() async throws {
        let credential = credential(delay: .milliseconds(50))
        let values = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<50 {
                group.addTask { try? await credential.get(within: Budget(deadline: .now + .seconds(10))).value }
            }
            return await group.reduce(into: Set<Int?>()) { $0.insert($1) }
        }
        #expect(values == [1])
        #expect(calls.value == 1)
    }

    @Test("it is replaced before it dies")
    func renewal() async throws {
        let credential = credential()
        _ = try await credential.get(within: Budget(deadline: .now))
        clock.advance(.seconds(3299))
        #expect(try await credential.get(within: Budget(deadline: .now)).value == 1)
        clock.advance(.seconds(2))
        #expect(try await credential.get(within: Budget(deadline: .now)).value == 2)
    }

    @Test("a short life leaves a fifth")
    func shortLife() async throws {
        let credential = credential(lifetime: .seconds(60))
        _ = try await credential.get(within: Budget(deadline: .now))
        clock.advance(.seconds(47))
        #expect(try await credential.get(within: Budget(deadline: .now)).value == 1)
        clock.advance(.seconds(2))
        #expect(try await credential.get(within: Budget(deadline: .now)).value == 2)
    }

    @Test("a rejected credential is replaced once, whoever rejects it how often")
    func rejection() async throws {
        let credential = credential()
        let use = try await credential.get(within: Budget(deadline: .now))
        await credential.reject(use.generation)
        let next = try await credential.get(within: Budget(deadline: .now))
        await credential.reject(use.generation)
        #expect(try await credential.get(within: Budget(deadline: .now)).value == next.value)
        #expect(calls.value == 2)
    }

    @Test("a refusal is the answer to all of one look, and asked for anew by the next, even of one deadline")
    func refusal() async throws {
        let credential = credential(failing: 1)
        let budget = Budget(deadline: clock.now + .seconds(60))
        for _ in 0..<20 {
            await #expect(throws: VaultError.self) { try await credential.get(within: budget) }
        }
        #expect(calls.value == 1)
        #expect(try await credential.get(within: Budget(deadline: budget.deadline)).value == 2)
    }

    @Test("a passing fault is tried again in one series for all, by what the other side asks for")
    func series() async throws {
        let error = VaultError(.throttled, "later", isTransient: true, retryAfter: .seconds(8))
        let credential = credential(failing: 2, with: error)
        let (start, budget) = (clock.now, Budget(deadline: clock.now + .seconds(60)))
        let values = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<20 { group.addTask { try? await credential.get(within: budget).value } }
            return await group.reduce(into: Set<Int?>()) { $0.insert($1) }
        }
        #expect(values == [3] && calls.value == 3)
        #expect(clock.now - start == .seconds(18))
    }

    @Test("when the tries end at the deadline, nobody of that look begins them again")
    func exhausted() async throws {
        let error = VaultError(.unavailable, "later", isTransient: true)
        let credential = credential(failing: .max, with: error)
        let budget = Budget(deadline: clock.now + .seconds(30))
        let failure = try #require(
            await #expect(throws: VaultError.self) { try await credential.get(within: budget) })
        let tries = calls.value
        #expect(tries > 3 && failure.description == "later; gave up after \(tries) tries")
        await #expect(throws: failure) { try await credential.get(within: budget) }
        #expect(calls.value == tries)
    }

    @Test("who waits for another look's tries asks anew when those fail")
    func foreignFailure() async throws {
        let calls = calls
        let isHeld = Mutex(true)
        let credential = ExpiringCredential<Int>(retrying: Retrying(timing: Timing())) { _ throws(VaultError) in
            let call = calls.next()
            while call == 1, isHeld.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(2)) }
            if call == 1 { throw VaultError(.loginRefused, "no") }
            return .init(value: call, requestedAt: .now, lifetime: .seconds(3600))
        }
        let old = Task { try await credential.get(within: Budget(deadline: .now + .seconds(60))).value }
        while calls.value == 0 { try await Task.sleep(for: .milliseconds(2)) }
        let new = Task { try await credential.get(within: Budget(deadline: .now + .seconds(60))).value }
        try await Task.sleep(for: .milliseconds(20))
        isHeld.withLock { $0 = false }
        await #expect(throws: VaultError(.loginRefused, "no")) { try await old.value }
        #expect(try await new.value == 2 && calls.value == 2)
    }

    @Test("while the old one lives, a passing fault of its renewal hurts nobody; a refusal does")
    func outlived() async throws {
        let (clock, calls) = (clock, calls)
        let error = Mutex(VaultError(.unavailable, "later", isTransient: true))
        var timing = Timing()
        timing.now = { clock.now }
        timing.sleep = { clock.advance($0) }
        let credential = ExpiringCredential<Int>(retrying: Retrying(timing: timing)) { _ throws(VaultError) in
            if calls.next() > 1 { throw error.withLock { $0 } }
            return .init(value: 1, requestedAt: clock.now, lifetime: .seconds(3600))
        }
        let policy = RetryPolicy(maximumAttempts: 2)
        func get() async throws -> Int {
            let budget = Budget(deadline: clock.now + .seconds(60), policy: policy)
            let value = try await credential.get(within: budget).value
            #expect(try await credential.get(within: budget).value == value)
            return value
        }
        #expect(try await get() == 1 && calls.value == 1)
        clock.advance(.seconds(3400))
        #expect(try await get() == 1 && calls.value == 3, "asked for in vain, once for the look")
        clock.advance(.seconds(30))
        #expect(try await get() == 1 && calls.value == 3, "and not at each look")
        clock.advance(.seconds(30))
        #expect(try await get() == 1 && calls.value == 5, "but again before it dies")
        clock.advance(.seconds(60))
        error.withLock { $0 = VaultError(.loginRefused, "no") }
        await #expect(throws: VaultError.self) { try await get() }
        error.withLock { $0 = VaultError(.unavailable, "later", isTransient: true) }
        #expect(try await get() == 1)
        clock.advance(.seconds(100))
        await #expect(throws: VaultError.self) { try await get() }
    }

    @Test("tries that nobody waits for any more are ended")
    func deserted() async throws {
        let (calls, sleeping) = (calls, Counter())
        var timing = Timing()
        timing.sleep = { _ in
            sleeping.next()
            try? await Task.sleep(for: .seconds(3600))
        }
        let retrying = Retrying(timing: timing)
        let credential = ExpiringCredential<Int>(retrying: retrying) { _ throws(VaultError) in
            calls.next()
            throw VaultError(.unavailable, "later", isTransient: true)
        }
        let tasks = (0..<3).map { _ in
            Task { try await credential.get(within: Budget(deadline: .now + .seconds(7200))).value }
        }
        while sleeping.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        tasks.forEach { $0.cancel() }
        for task in tasks { await #expect(throws: VaultError.self) { try await task.value } }
        #expect(calls.value == 1)
    }
}
