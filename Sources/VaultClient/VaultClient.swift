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

    /// All files of the plan in its order, or every failure: ``look(deadline:)`` and ``files(of:excluding:)`` at once.
    ///
    /// Nothing begins after the deadline, and a request under way at that time is given up.
    public func resolve(deadline: ContinuousClock.Instant) async -> Result<[ResolvedFile], ResolveFailures> {
        files(of: await look(deadline: deadline))
    }

    /// Asks once for every object of the plan.
    ///
    /// Nothing begins after the deadline, and a request under way at that time is given up.
    public func look(deadline: ContinuousClock.Instant) async -> SecretSnapshot {
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
            order.compactMap { entry in entry.location.map { ($0, entry.reference) } }, deadline)
        let objects = order.map { entry in
            let result = entry.location.flatMap { fetched[$0] }
            var error = entry.error
            if case .failure(let failure) = result { error = failure }
            return SecretSnapshot.Object(
                reference: entry.reference, sources: entry.sources, error: error, document: try? result?.get())
        }
        return SecretSnapshot(objects: objects, indices: indices)
    }

    /// The files of the plan in its order, or every failure.
    /// - Parameter isExcluded: files that need an object which failed with such an error and has no content are left
    ///   out rather than failing.
    public func files(
        of snapshot: SecretSnapshot, excluding isExcluded: (VaultError) -> Bool = { _ in false }
    ) -> Result<[ResolvedFile], ResolveFailures> {
        var files: [ResolvedFile] = []
        var failures: [ResolveFailure] = []
        for file in plan.files {
            do throws(ResolveFailure) {
                files += try resolved(file, snapshot)
            } catch where isExcluded(error.error) {
                continue
            } catch {
                failures.append(error)
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

    private func document(
        _ reference: SecretReference, _ snapshot: SecretSnapshot
    ) throws(VaultError) -> any VaultDocument {
        let location = try locate(reference).get()
        guard let object = snapshot.indices[location].flatMap({ snapshot.objects[checked: $0] }),
            let document = object.document ?? nil
        else {
            let error = snapshot.indices[location].flatMap { snapshot.objects[checked: $0]?.error }
            throw error ?? VaultError(.cancelled, "it was not asked for")
        }
        return document
    }

    private func resolved(
        _ file: AgentPlan.File, _ snapshot: SecretSnapshot
    ) throws(ResolveFailure) -> [ResolvedFile] {
        switch file.content {
        case .reference(let reference):
            do throws(VaultError) { return try resolved(file, reference, try document(reference, snapshot)) } catch {
                throw ResolveFailure(source: file.source, reference: reference, error: error)
            }
        case .template:
            // TEMPLATE RENDERING GOES HERE
            return []
        }
    }

    private func resolved(
        _ file: AgentPlan.File, _ reference: SecretReference, _ document: any VaultDocument
    ) throws(VaultError) -> [ResolvedFile] {
        switch try document.content(for: reference) {
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
