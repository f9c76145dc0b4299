/// Liveness probes that the agent answers for application containers: alive, except where a restart is wanted; then as
/// often in a row as the kubelet needs to believe it.
struct RestartProbes {
    private struct Request {
        let id: Int
        var waitingFor: Set<String>
    }

    /// How many failures each container is still to see.
    private var left: [String: Int] = [:]
    private var requests: [Request] = []

    /// Wants a restart of each container, by `failures` failed probes in a row. A container whose restart is still to
    /// come is not restarted twice: one restart serves both requests.
    /// - Parameter id: for ``takeFinished()``.
    mutating func request(_ id: Int, containers: [String], failures: Int) {
        for container in containers where left[container] == nil { left[container] = max(1, failures) }
        requests.append(Request(id: id, waitingFor: Set(containers)))
    }

    /// Answers one probe of a container: whether it counts as alive. Each container that no restart is wanted of does,
    /// and so does a name that nobody knows.
    mutating func answer(container: String) -> Bool {
        guard let count = left[container] else { return true }
        if count > 1 {
            left[container] = count - 1
        } else {
            left[container] = nil
            for index in requests.indices { requests[index].waitingFor.remove(container) }
        }
        return false
    }

    /// Whether every probe that was to fail has failed.
    var isDone: Bool { left.isEmpty }

    /// The requests that are done since this was last asked.
    mutating func takeFinished() -> [Int] {
        let finished = requests.filter(\.waitingFor.isEmpty).map(\.id)
        requests.removeAll(where: \.waitingFor.isEmpty)
        return finished
    }
}
