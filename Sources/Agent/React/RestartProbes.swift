/// Liveness probes that the agent answers for application containers: alive, except for a time in which a restart is
/// wanted. It is a time and not a number of answers, so that nobody else who asks takes a failure from the kubelet.
struct RestartProbes {
    private struct Window {
        let id: Int
        let containers: Set<String>
        let end: ContinuousClock.Instant
    }

    private var windows: [Window] = []

    /// Wants a restart of each container.
    /// - Parameters:
    ///   - id: for ``takeFinished(at:)``.
    ///   - windowSeconds: how long their probes fail.
    mutating func request(_ id: Int, containers: [String], windowSeconds: Int, at now: ContinuousClock.Instant) {
        windows.append(Window(id: id, containers: Set(containers), end: now + .seconds(max(1, windowSeconds))))
    }

    /// Whether a container counts as alive. Each one that no restart is wanted of does, and so does a name that nobody
    /// knows.
    func isAlive(_ container: String, at now: ContinuousClock.Instant) -> Bool {
        !windows.contains { now < $0.end && $0.containers.contains(container) }
    }

    /// When the next request is done.
    var nextEnd: ContinuousClock.Instant? { windows.map(\.end).min() }

    /// The requests that are done since this was last asked.
    mutating func takeFinished(at now: ContinuousClock.Instant) -> [Int] {
        let finished = windows.filter { $0.end <= now }.map(\.id)
        windows.removeAll { $0.end <= now }
        return finished
    }
}
