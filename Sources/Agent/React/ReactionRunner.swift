import SecretSpec

/// Does what reactions ask for. Nothing blocks the caller.
struct ReactionRunner: Sendable {
    /// The memory-backed volume: by it the application's processes are known.
    let directory: String

    /// Runs an action.
    /// - Parameters:
    ///   - probes: takes restarts by probe; their end is told by ``RestartProbes/takeFinished(at:)``, not by `completion`.
    ///   - completion: called once for every other action, on any thread.
    func run(
        _ started: ReactionQueue.Started, probes: inout RestartProbes, at now: ContinuousClock.Instant = .now,
        completion: @escaping @Sendable (Int, Result<Void, ReactionError>) -> Void
    ) {
        let id = started.id
        switch started.action {
        case .restartByProbe(let containers, let windowSeconds):
            probes.request(id, containers: containers, windowSeconds: windowSeconds, at: now)
        case .signal(let signal):
            finish(id, completion) { () throws(ReactionError) in
                try MainProcesses(of: directory).send(signal)
            }
        case .restartBySignal(let graceSeconds):
            finish(id, completion) { () async throws(ReactionError) in
                try await MainProcesses(of: directory).end(grace: .seconds(graceSeconds))
            }
        case .request(let request):
            finish(id, completion) { () async throws(ReactionError) in try await LoopbackCall(request).run() }
        }
    }

    private func finish(
        _ id: Int, _ completion: @escaping @Sendable (Int, Result<Void, ReactionError>) -> Void,
        _ work: @escaping @Sendable () async throws(ReactionError) -> Void
    ) {
        Task {
            do throws(ReactionError) {
                try await work()
                completion(id, .success(()))
            } catch {
                completion(id, .failure(error))
            }
        }
    }
}
