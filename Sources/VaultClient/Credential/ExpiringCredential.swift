/// A credential that is got when somebody needs it, shared by all who need it at the same time, and replaced before it
/// dies.
///
/// It is also the one place where getting it is tried again: however many need it, the other side sees one series of
/// tries.
actor ExpiringCredential<Value: Sendable> {
    /// One credential with its time.
    struct Issued: Sendable {
        let value: Value
        /// When it was asked for; its life counts from then, whatever the other side's clock says.
        let requestedAt: ContinuousClock.Instant
        /// How long it lives.
        let lifetime: Duration

        /// When it is replaced: with a fifth of its life left, five minutes at most.
        var renewal: ContinuousClock.Instant {
            expiry - min(lifetime / 5, .seconds(300))
        }

        /// When it dies.
        var expiry: ContinuousClock.Instant { requestedAt + lifetime }
    }

    /// A credential and its number, by which it can be declared bad.
    struct Use: Sendable {
        let value: Value
        let generation: Int
    }

    typealias Source = @Sendable (ContinuousClock.Instant) async throws(VaultError) -> Issued

    private typealias Outcome = Result<Use, VaultError>

    /// One series of tries, for all who wait for it.
    private struct Series {
        let number: Int
        let budget: Budget
        let task: Task<Outcome, Never>
        var waiting = 0
    }

    private let retrying: Retrying
    private let gate: RetryGate
    private let source: Source
    private var current: (issued: Issued, generation: Int)?
    /// When ``current`` is replaced.
    private var renewal: ContinuousClock.Instant?
    /// What the last tries came to, for those who share their budget.
    private var failure: (error: VaultError, budget: Budget)?
    private var pending: Series?
    private var generation = 0
    private var lastSeries = 0

    /// - Parameters:
    ///   - gate: closed while the other side asks to be left alone, shared by all credentials that it gives.
    ///   - source: gets a new credential before a deadline, in one try.
    init(retrying: Retrying, gate: RetryGate = RetryGate(), source: @escaping Source) {
        self.retrying = retrying
        self.gate = gate
        self.source = source
    }

    /// A credential that is good now.
    ///
    /// However many ask, one request is under way at a time. A failure, after as many tries as the budget allows, is
    /// everybody's who asks with the same budget, also of those who ask later: nothing has changed for them. One that
    /// another budget came to is nobody else's: who waited for it asks anew.
    ///
    /// While the old credential lives, a passing fault of the other side hurts nobody, and it is not asked again soon: not
    /// while it wants to be left alone, and not before a quarter of the time that is left has passed.
    func get(within budget: Budget) async throws(VaultError) -> Use {
        while true {
            if let use = currentUse { return use }
            if let failure, failure.budget === budget { return try current(despite: failure.error) }
            let series = join(budget)
            let outcome = await withTaskCancellationHandler {
                await series.task.value
            } onCancel: {
                Task { await self.leave(series.number) }
            }
            switch outcome {
            case .success(let use): return use
            case .failure where series.budget !== budget && !Task.isCancelled: continue
            case .failure(let error): return try current(despite: error)
            }
        }
    }

    /// What needs no replacement now; what lives on where nobody may be asked for one.
    private var currentUse: Use? {
        let now = retrying.timing.now()
        guard let current, let renewal, now < renewal || isClosed(at: now) && now < current.issued.expiry else {
            return nil
        }
        return Use(value: current.issued.value, generation: current.generation)
    }

    private func isClosed(at now: ContinuousClock.Instant) -> Bool {
        gate.closure.map { now < $0.until } ?? false
    }

    private func current(despite error: VaultError) throws(VaultError) -> Use {
        guard error.isTransient, let current, retrying.timing.now() < current.issued.expiry else { throw error }
        return Use(value: current.issued.value, generation: current.generation)
    }

    /// Puts a renewal off that failed in passing; the pauses get shorter as the end comes near.
    private func postpone() {
        guard let current, case let now = retrying.timing.now(), now < current.issued.expiry else { return }
        renewal = min(current.issued.expiry, now + max((current.issued.expiry - now) / 4, .seconds(10)))
    }

    /// Says that the other side does not take a credential. Only the first to say so of one generation matters.
    func reject(_ generation: Int) {
        if current?.generation == generation { current = nil }
    }

    private func join(_ budget: Budget) -> Series {
        var series = pending ?? start(budget)
        series.waiting += 1
        pending = series
        return series
    }

    /// One who waited does not any more; the last one ends the tries, and who comes then begins new ones.
    private func leave(_ number: Int) {
        guard var series = pending, series.number == number else { return }
        series.waiting -= 1
        pending = series.waiting > 0 ? series : nil
        if series.waiting <= 0 { series.task.cancel() }
    }

    private func start(_ budget: Budget) -> Series {
        lastSeries += 1
        let number = lastSeries
        return Series(number: number, budget: budget, task: Task { await self.renew(number, budget) })
    }

    private func renew(_ number: Int, _ budget: Budget) async -> Outcome {
        defer { if pending?.number == number { pending = nil } }
        do throws(VaultError) {
            let source = source
            let issued = try await retrying.run(within: budget, gate: gate) { deadline throws(VaultError) in
                try await source(deadline)
            }
            generation += 1
            current = (issued, generation)
            renewal = issued.renewal
            return .success(Use(value: issued.value, generation: generation))
        } catch {
            if !Task.isCancelled {
                failure = (error, budget)
                if error.isTransient { postpone() }
            }
            return .failure(error)
        }
    }
}
