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
            requestedAt + lifetime - min(lifetime / 5, .seconds(300))
        }
    }

    /// A credential and its number, by which it can be declared bad.
    struct Use: Sendable {
        let value: Value
        let generation: Int
    }

    typealias Source = @Sendable (ContinuousClock.Instant) async throws(VaultError) -> Issued

    private typealias Outcome = Result<Use, VaultError>

    private let retrying: Retrying
    private let source: Source
    private var current: (issued: Issued, generation: Int)?
    /// What the last tries came to, for those who share their deadline.
    private var failure: (error: VaultError, deadline: ContinuousClock.Instant)?
    private var pending: Task<Outcome, Never>?
    private var waiting = 0
    private var generation = 0

    /// - Parameter source: gets a new credential before a deadline, in one try.
    init(retrying: Retrying, source: @escaping Source) {
        self.retrying = retrying
        self.source = source
    }

    /// A credential that is good now.
    ///
    /// However many ask, one request is under way at a time. A failure, after as many tries as the deadline allows, is
    /// everybody's who asks with the same deadline, also of those who ask later: nothing has changed for them.
    func get(deadline: ContinuousClock.Instant) async throws(VaultError) -> Use {
        if let current, retrying.timing.now() < current.issued.renewal {
            return Use(value: current.issued.value, generation: current.generation)
        }
        if let failure, failure.deadline == deadline { throw failure.error }
        let task = pending ?? start(deadline)
        waiting += 1
        return try await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            Task { await self.leave(task) }
        }.get()
    }

    /// Says that the other side does not take a credential. Only the first to say so of one generation matters.
    func reject(_ generation: Int) {
        if current?.generation == generation { current = nil }
    }

    /// One who waited does not any more; the last one ends the tries.
    private func leave(_ task: Task<Outcome, Never>) {
        guard pending == task else { return }
        waiting -= 1
        if waiting <= 0 { task.cancel() }
    }

    private func start(_ deadline: ContinuousClock.Instant) -> Task<Outcome, Never> {
        let task = Task { await self.renew(deadline) }
        pending = task
        waiting = 0
        return task
    }

    private func renew(_ deadline: ContinuousClock.Instant) async -> Outcome {
        defer { pending = nil }
        do throws(VaultError) {
            let source = source
            let issued = try await retrying.run(until: deadline) { () throws(VaultError) in try await source(deadline) }
            generation += 1
            current = (issued, generation)
            return .success(Use(value: issued.value, generation: generation))
        } catch {
            if !Task.isCancelled { failure = (error, deadline) }
            return .failure(error)
        }
    }
}
