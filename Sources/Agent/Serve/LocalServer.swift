import CLinux
import Glibc

/// A small HTTP/1.1 server for the kubelet's probes, Prometheus and curl: GET and HEAD, one request per connection.
///
/// It belongs to one thread and never waits: its owner polls ``pollDescriptors`` beside its own, until ``nextDeadline``
/// at the latest, and then calls ``handle(_:at:answer:)``. Nothing that a client does makes it block or grow.
final class LocalServer {
    static let maximumConnections = 16
    /// How long a connection lives, all in all.
    static let connectionTime = Duration.seconds(5)
    /// How long nothing is accepted where the process has no descriptor left.
    private static let pause = Duration.milliseconds(200)

    /// The port that it listens on.
    let port: UInt16
    private let listener: Int32
    /// The oldest first.
    private var connections: [LocalConnection] = []
    private var pausedUntil: ContinuousClock.Instant?

    /// Listens on every address.
    /// - Parameter port: 0 for one that the kernel chooses.
    init(port: UInt16) throws(ServeError) {
        listener = lk_listen(port)
        guard listener >= 0 else { throw ServeError(port: port, code: errno) }
        self.port = UInt16(truncatingIfNeeded: lk_local_port(listener))
    }

    deinit { close(listener) }

    /// For poll(2).
    var pollDescriptors: [pollfd] {
        let accepting = pausedUntil == nil ? [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)] : []
        return accepting + connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    }

    /// When ``handle(_:at:answer:)`` is to be called though nothing came in.
    var nextDeadline: ContinuousClock.Instant? {
        [pausedUntil, connections.first?.deadline].compactMap { $0 }.min()
    }

    /// Accepts, reads, answers and drops what is ready or too late.
    /// - Parameters:
    ///   - polled: what poll(2) left; descriptors that are not this server's are passed over.
    ///   - answer: nil for 404.
    func handle(
        _ polled: some Sequence<pollfd>, at now: ContinuousClock.Instant, answer: (LocalRequest) -> LocalAnswer?
    ) {
        let ready = Set(polled.lazy.filter { $0.revents != 0 }.map(\.fd))
        for connection in connections where ready.contains(connection.descriptor) { connection.advance(answer: answer) }
        connections.removeAll { $0.isOver || $0.deadline <= now }
        if let pausedUntil, pausedUntil <= now { self.pausedUntil = nil }
        if ready.contains(listener) { accept(at: now) }
    }

    private func accept(at now: ContinuousClock.Instant) {
        // No more at once than there is room for: others wait in the kernel's queue for the next turn.
        for _ in 0..<Self.maximumConnections {
            let descriptor = lk_accept(listener)
            guard descriptor >= 0 else {
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pausedUntil = now + Self.pause }
                return
            }
            if connections.count >= Self.maximumConnections { connections.removeFirst() }
            connections.append(LocalConnection(descriptor: descriptor, deadline: now + Self.connectionTime))
        }
    }
}
