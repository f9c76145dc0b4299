public import SecretSpec

/// Fetches what a plan's references name: each object once, several at a time, one login per identity, transient faults
/// again until a deadline.
public final class VaultClient: Sendable {
    private let plan: AgentPlan
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
            for: plan, http: http, retrying: Retrying(policy: options.retryPolicy, timing: timing))
    }

    /// Ends the background thread and its connections.
    public func shutdown() {
        http.shutdown()
    }

    /// All files of the plan in its order, or every failure.
    ///
    /// Nothing begins after the deadline, and a request under way at that time is given up.
    public func resolve(deadline: ContinuousClock.Instant) async -> Result<[ResolvedFile], ResolveFailures> {
        let wanted = plan.files.map { file in (file: file, located: locate(file.reference)) }
        var firstReferences: [VaultLocation: SecretReference] = [:]
        var order: [VaultLocation] = []
        for (file, located) in wanted {
            guard case .success(let location) = located, firstReferences[location] == nil else { continue }
            firstReferences[location] = file.reference
            order.append(location)
        }
        let documents = await fetchAll(
            order.compactMap { location in
                firstReferences[location].map { (location, $0) }
            }, deadline)

        var files: [ResolvedFile] = []
        var failures: [ResolveFailure] = []
        for (file, located) in wanted {
            do throws(VaultError) {
                let location = try located.get()
                guard let document = documents[location] else { continue }
                files += try resolved(file, try document.get())
            } catch {
                failures.append(ResolveFailure(source: file.source, reference: file.reference, error: error))
            }
        }
        return ResolveFailures(failures).map(Result.failure) ?? .success(files)
    }

    private typealias Fetched = Result<any VaultDocument, VaultError>

    private func locate(_ reference: SecretReference) -> Result<VaultLocation, VaultError> {
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
        _ objects: [(VaultLocation, SecretReference)], _ deadline: ContinuousClock.Instant
    ) async -> [VaultLocation: Fetched] {
        await withTaskGroup(of: (VaultLocation, Fetched).self) { group in
            var waiting = objects.makeIterator()
            var results: [VaultLocation: Fetched] = [:]
            func startNext() {
                guard let (location, reference) = waiting.next() else { return }
                group.addTask { (location, await self.fetch(reference, deadline)) }
            }
            for _ in 0..<max(1, options.maximumConcurrency) { startNext() }
            while let (location, fetched) = await group.next() {
                results[location] = fetched
                startNext()
            }
            return results
        }
    }

    private func fetch(_ reference: SecretReference, _ deadline: ContinuousClock.Instant) async -> Fetched {
        do throws(VaultError) {
            return .success(try await backend(of: reference).fetch(reference, deadline: deadline))
        } catch {
            return .failure(error)
        }
    }

    private func resolved(
        _ file: AgentPlan.File, _ document: any VaultDocument
    ) throws(VaultError) -> [ResolvedFile] {
        switch try document.content(for: file.reference) {
        case .whole(let bytes):
            return [
                ResolvedFile(
                    path: file.path, mode: file.mode, bytes: bytes, version: document.version,
                    warning: document.warning)
            ]
        case .members(let members):
            var files: [ResolvedFile] = []
            for (index, member) in members.enumerated() {
                guard let path = file.path.appending(member.name) else {
                    throw VaultError(
                        .field,
                        "the name of member \(index + 1) cannot be a file's name; rename it, or name single members "
                            + "with '#...' instead of '#*'")
                }
                files.append(
                    ResolvedFile(
                        path: path, mode: file.mode, bytes: member.bytes, version: document.version,
                        warning: document.warning))
            }
            return files
        }
    }
}
