public import SecretSpec

/// Fetches what a plan's references name: each object once, several at a time, one login per identity, transient faults
/// again until a deadline.
public final class VaultClient: Sendable {
    let plan: AgentPlan
    private let options: Options
    private let http: HTTPClient
    private let backends: [String: any VaultBackend]

    /// A client for a plan; nothing is opened or read yet.
    public convenience init(plan: AgentPlan, options: Options = Options()) {
        self.init(plan: plan, options: options, timing: Timing())
    }

    init(plan: AgentPlan, options: Options, timing: Timing) {
        self.plan = plan
        self.options = options
        http = HTTPClient(options.http(caBundle: plan.caBundle))
        backends = BackendRegistry.backends(
            for: plan, http: http, retrying: Retrying(timing: timing))
    }

    /// Ends the background thread and its connections.
    public func shutdown() {
        http.shutdown()
    }

    /// All files of the plan in its order, or every failure: ``look(deadline:)`` and ``files(of:excluding:)`` at once.
    ///
    /// Nothing begins after the deadline, and a request under way at that time is given up.
    public func resolve(deadline: ContinuousClock.Instant) async -> Result<[ResolvedFile], ResolveFailures> {
        files(of: await look(deadline: deadline))
    }

    /// Asks once for every object of the plan.
    ///
    /// Nothing begins after the deadline, and a request under way at that time is given up. A login that still holds
    /// and the connections of earlier looks are used again; a failure of an earlier look is not.
    /// - Parameter retryPolicy: when this look tries transient faults again; nil for the options' policy.
    public func look(
        deadline: ContinuousClock.Instant, retryPolicy: RetryPolicy? = nil
    ) async -> SecretSnapshot {
        let budget = Budget(deadline: deadline, policy: retryPolicy ?? options.retryPolicy)
        var order: [(location: VaultLocation?, reference: SecretReference, sources: [String], error: VaultError?)] = []
        var indices: [VaultLocation: Int] = [:]
        for file in plan.files {
            for reference in file.references {
                switch locate(reference) {
                case .success(let location):
                    if let index = indices[location] {
                        if !order[index].sources.contains(file.source) { order[index].sources.append(file.source) }
                    } else {
                        indices[location] = order.count
                        order.append((location, reference, [file.source], nil))
                    }
                case .failure(let error): order.append((nil, reference, [file.source], error))
                }
            }
        }
        let fetched = await fetchAll(
            order.compactMap { entry in entry.location.map { ($0, entry.reference) } }, budget)
        let objects = order.map { entry in
            switch entry.location.flatMap({ fetched[$0] }) {
            case .success(let document):
                SecretSnapshot.Object(
                    reference: entry.reference, sources: entry.sources, error: nil, document: document)
            case .failure(let error):
                SecretSnapshot.Object(
                    reference: entry.reference, sources: entry.sources, error: error, document: nil)
            case nil:
                SecretSnapshot.Object(
                    reference: entry.reference, sources: entry.sources, error: entry.error, document: nil)
            }
        }
        return SecretSnapshot(objects: objects, indices: indices)
    }

    private typealias Fetched = Result<any VaultDocument, VaultError>

    func locate(_ reference: SecretReference) -> Result<VaultLocation, VaultError> {
        Result { () throws(VaultError) in try backend(of: reference).location(of: reference) }
    }

    private func backend(of reference: SecretReference) throws(VaultError) -> any VaultBackend {
        let scheme = reference.object.scheme
        guard let backend = backends[scheme] else {
            throw VaultError(.notConfigured, "the plan does not say how '\(scheme)://' references are reached")
        }
        return backend
    }

    private func fetchAll(
        _ objects: [(VaultLocation, SecretReference)], _ budget: Budget
    ) async -> [VaultLocation: Fetched] {
        await withTaskGroup(of: (VaultLocation, Fetched).self) { group in
            var waiting = objects.makeIterator()
            var results: [VaultLocation: Fetched] = [:]
            func startNext() {
                guard let (location, reference) = waiting.next() else { return }
                group.addTask { (location, await self.fetch(reference, budget)) }
            }
            for _ in 0..<max(1, options.maximumConcurrency) { startNext() }
            while let (location, fetched) = await group.next() {
                results[location] = fetched
                startNext()
            }
            return results
        }
    }

    private func fetch(_ reference: SecretReference, _ budget: Budget) async -> Fetched {
        do throws(VaultError) {
            return .success(try await backend(of: reference).fetch(reference, within: budget))
        } catch {
            return .failure(error)
        }
    }
}
