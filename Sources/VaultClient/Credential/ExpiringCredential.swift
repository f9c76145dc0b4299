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
    private let source: Source
    private var current: (issued: Issued, generation: Int)?
    /// What the last tries came to, for those who share their budget.
    private var failure: (error: VaultError, budget: Budget)?
    private var pending: Series?
    private var generation = 0
    private var lastSeries = 0

    /// - Parameter source: gets a new credential before a deadline, in one try.
    init(retrying: Retrying, source: @escaping Source) {
        self.retrying = retrying
        self.source = source
    }

    /// A credential that is good now.
    ///
    /// However many ask, one request is under way at a time. A failure, after as many tries as the budget allows, is
    /// everybody's who asks with the same budget, also of those who ask later: nothing has changed for them. One that
    /// another budget came to is nobody else's: who waited for it asks anew. A passing fault of the other side hurts
    /// nobody while the old credential lives.
    func get(within budget: Budget) async throws(VaultError) -> Use {
        while true {
            if let current, retrying.timing.now() < current.issued.renewal {
                return Use(value: current.issued.value, generation: current.generation)
            }
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

    private func current(despite error: VaultError) throws(VaultError) -> Use {
        guard error.isTransient, let current, retrying.timing.now() < current.issued.expiry else { throw error }
        return Use(value: current.issued.value, generation: current.generation)
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
            let issued = try await retrying.run(within: budget) { () throws(VaultError) in
                try await source(budget.deadline)
            }
            generation += 1
            current = (issued, generation)
            return .success(Use(value: issued.value, generation: generation))
        } catch {
            if !Task.isCancelled { failure = (error, budget) }
            return .failure(error)
        }
    }
}
