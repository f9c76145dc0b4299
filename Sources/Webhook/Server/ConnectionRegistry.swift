import NIOCore
import Synchronization

/// All connections of one listener: the cap, the timeouts, the drain.
final class ConnectionRegistry: Sendable {
    private let listener: String
    private let limits: ServerLimits
    private let metrics: WebhookMetrics
    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    /// - Parameter listener: its name in metrics.
    init(listener: String, limits: ServerLimits, metrics: WebhookMetrics) {
        self.listener = listener
        self.limits = limits
        self.metrics = metrics
    }

    var count: Int { connections.withLock { $0.count } }

    /// Takes a new connection in. At the cap another one has to go; nil where every one of them is being answered.
    func admit(_ channel: any Channel) -> Connection? {
        metrics.connectionsAccepted.increment(listener)
        let connection = Connection(channel, timeout: limits.headTimeout)
        let (isAdmitted, evicted) = connections.withLock { connections -> (Bool, Connection?) in
            var evicted: Connection?
            if connections.count >= limits.maximumConnections {
                guard let victim = ConnectionRegistry.victim(among: connections) else { return (false, nil) }
                evicted = connections.removeValue(forKey: victim)
            }
            connections[ObjectIdentifier(connection)] = connection
            return (true, evicted)
        }
        if let evicted {
            metrics.connectionsClosed.increment("limit")
            evicted.abort()
        }
        guard isAdmitted else {
            metrics.connectionsClosed.increment("limit")
            return nil
        }
        return connection
    }

    /// A connection has been closed.
    func remove(_ connection: Connection) {
        _ = connections.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Tells every connection whose time has run out.
    func sweep() {
        let now = MonotonicTime.now()
        for connection in all where connection.deadline <= now { connection.expire() }
    }

    /// Closes connections that no request is under way on; the others close after their answer.
    func closeIdle() {
        for connection in all where connection.phase == .idle || connection.phase == .opening { connection.close() }
    }

    /// Closes every connection at once.
    func abortAll() {
        for connection in all { connection.abort() }
    }

    private var all: [Connection] { connections.withLock { Array($0.values) } }

    /// Who goes at the cap: the oldest that has not had a review answered, else the one that is idle the longest, else
    /// the slowest sender. A thousand clients that send a byte now and then only push each other out.
    private static func victim(among connections: [ObjectIdentifier: Connection]) -> ObjectIdentifier? {
        var best: (key: ObjectIdentifier, rank: Int, since: UInt64)?
        for (key, connection) in connections {
            guard let rank = rank(connection) else { continue }
            let since = connection.since
            if let best, (best.rank, best.since) <= (rank, since) { continue }
            best = (key, rank, since)
        }
        return best?.key
    }

    /// The lower, the sooner it goes; nil while it is being answered.
    private static func rank(_ connection: Connection) -> Int? {
        switch connection.phase {
        case .answering, .writing: nil
        case .opening, .idle, .lingering: connection.isProven ? 1 : 0
        case .head, .body: connection.isProven ? 2 : 0
        }
    }
}
