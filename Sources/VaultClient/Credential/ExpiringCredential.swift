/// A credential that is got when somebody needs it, shared by all who need it at the same time, and replaced before it
/// dies.
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

    private let timing: Timing
    private let source: Source
    private var current: (issued: Issued, generation: Int)?
    private var pending: Task<Result<Use, VaultError>, Never>?
    private var generation = 0

    /// - Parameter source: gets a new credential before a deadline.
    init(timing: Timing, source: @escaping Source) {
        self.timing = timing
        self.source = source
    }

    /// A credential that is good now. However many ask, one request is under way at a time, and its failure is theirs.
    func get(deadline: ContinuousClock.Instant) async throws(VaultError) -> Use {
        if let current, timing.now() < current.issued.renewal {
            return Use(value: current.issued.value, generation: current.generation)
        }
        let task = pending ?? start(deadline)
        return try await task.value.get()
    }

    /// Says that the other side does not take a credential. Only the first to say so of one generation matters.
    func reject(_ generation: Int) {
        if current?.generation == generation { current = nil }
    }

    private func start(_ deadline: ContinuousClock.Instant) -> Task<Result<Use, VaultError>, Never> {
        let task = Task { await self.renew(deadline) }
        pending = task
        return task
    }

    private func renew(_ deadline: ContinuousClock.Instant) async -> Result<Use, VaultError> {
        defer { pending = nil }
        do throws(VaultError) {
            let issued = try await source(deadline)
            generation += 1
            current = (issued, generation)
            return .success(Use(value: issued.value, generation: generation))
        } catch {
            return .failure(error)
        }
    }
}
