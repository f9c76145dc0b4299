import Foundation
import Glibc
import Synchronization

/// Passes connections on to a port of loopback, and can forget those that are open as a NAT gateway does: they stay open,
/// and what is sent on them goes nowhere. New ones work.
final class FreezingRelay: @unchecked Sendable {
    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let state = Mutex<(count: Int, frozen: Int)>((0, 0))

    init(to target: UInt16) throws {
        (listener, port) = try Loopback.listen()
        self.target = target
        Thread.detachNewThread { [self] in
            Loopback.ignoreBrokenPipes()
            while case let client = accept(listener, nil, nil), client >= 0 {
                let number = state.withLock { state in
                    state.count += 1
                    return state.count
                }
                Thread.detachNewThread { [self] in
                    Loopback.ignoreBrokenPipes()
                    serve(client, number)
                }
            }
        }
    }

    var url: String { "https://127.0.0.1:\(port)" }
    /// How many connections there have been.
    var connectionCount: Int { state.withLock { $0.count } }

    /// Forgets all connections that there have been.
    func freeze() { state.withLock { $0.frozen = $0.count } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32, _ number: Int) {
        defer { close(client) }
        let server = Loopback.connect(target)
        guard server >= 0 else { return }
        defer { close(server) }
        var buffer = [UInt8](repeating: 0, count: 16384)
        var sockets = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&sockets, 2, 60_000) > 0 {
            for index in 0..<2 where sockets[index].revents != 0 {
                let count = read(sockets[index].fd, &buffer, buffer.count)
                guard count > 0 else { return }
                if state.withLock({ number <= $0.frozen }) { continue }
                guard write(sockets[1 - index].fd, buffer, count) == count else { return }
            }
        }
    }
}
