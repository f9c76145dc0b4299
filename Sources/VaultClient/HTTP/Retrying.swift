/// Tries again what fails in passing, within a budget.
struct Retrying: Sendable {
    let timing: Timing

    /// What an operation gives, after as many tries as it takes and the budget allows.
    /// - Parameters:
    ///   - gate: closed while the other side asks to be left alone; every try passes it.
    ///   - operation: one try, and when it is given up.
    func run<Value: Sendable>(
        within budget: Budget, gate: RetryGate? = nil,
        _ operation: (_ deadline: ContinuousClock.Instant) async throws(VaultError) -> Value
    ) async throws(VaultError) -> Value {
        var attempt = 0
        while true {
            try await pass(gate, budget)
            attempt += 1
            do throws(VaultError) {
                return try await operation(budget.deadline(ofTry: attempt, from: timing.now()))
            } catch {
                guard error.isTransient, !Task.isCancelled else { throw error }
                let policy = budget.policy
                let now = timing.now()
                let delay = policy.delay(
                    attempt: attempt, retryAfter: error.retryAfter, remaining: budget.deadline - now,
                    random: timing.random())
                if error.kind == .throttled || error.retryAfter != nil {
                    gate?.close(until: now + (policy.believed(error.retryAfter) ?? delay ?? .zero), because: error)
                }
                guard let delay, policy.triesAgain(after: error, attempt: attempt) else {
                    throw error.afterLastAttempt(attempt)
                }
                await timing.sleep(delay)
                if Task.isCancelled { throw error }
            }
        }
    }

    /// Waits until the gate is open; fails with what closed it where that is too late, or where the policy leaves it to
    /// the next look.
    private func pass(_ gate: RetryGate?, _ budget: Budget) async throws(VaultError) {
        while let gate, let (opening, error) = gate.closure, case let now = timing.now(), now < opening {
            let delay = budget.policy.delay(
                attempt: 1, retryAfter: opening - now, remaining: budget.deadline - now, random: timing.random())
            guard let delay, budget.policy.waits(for: error), !Task.isCancelled else {
                throw VaultError(
                    error.kind, error.description, isTransient: error.isTransient, retryAfter: opening - now)
            }
            await timing.sleep(delay)
        }
    }
}

extension VaultError {
    /// The same, with the number of tries where there was more than one.
    fileprivate func afterLastAttempt(_ attempts: Int) -> VaultError {
        let tries = attempts == 1 ? "" : "; gave up after \(attempts) tries"
        return VaultError(kind, description + tries, isTransient: isTransient, retryAfter: retryAfter)
    }
}
