import Foundation
import Glibc
import Synchronization

/// A port of loopback whose connections are passed on to another one, which can be changed: so one client meets one vault
/// in several states.
final class Relay: Sendable {
    private struct State {
        var target: Int
        var open: [Int32] = []
    }

    let port: Int
    private let listener: Int32
    private let state: Mutex<State>

    init(to target: Int) throws {
        state = Mutex(State(target: target))
        (listener, port) = try ScriptedVault.listen()
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                connect(connection)
            }
            close(listener)
        }
    }

    /// Passes new connections on to another port and ends the old ones.
    func turn(to target: Int) {
        state.withLock { state in
            state.target = target
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func stop() {
        turn(to: 0)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func connect(_ near: Int32) {
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(truncatingIfNeeded: state.withLock { $0.target }).bigEndian
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(near)
            close(far)
            return
        }
        state.withLock { $0.open += [near, far] }
        let pair = Pair(near: near, far: far)
        for (from, to) in [(near, far), (far, near)] {
            Thread.detachNewThread { [self] in
                var buffer = [UInt8](repeating: 0, count: 16384)
                while case let count = recv(from, &buffer, buffer.count, 0), count > 0,
                    send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count
                {}
                shutdown(to, Int32(SHUT_RDWR))
                shutdown(from, Int32(SHUT_RDWR))
                if pair.isLast() { end(pair) }
            }
        }
    }

    private func end(_ pair: Pair) {
        state.withLock { state in
            state.open.removeAll { $0 == pair.near || $0 == pair.far }
            close(pair.near)
            close(pair.far)
        }
    }
}

/// A connection in both directions, each with a thread of its own.
private final class Pair: Sendable {
    let near: Int32
    let far: Int32
    private let halves = Atomic<Int>(2)

    init(near: Int32, far: Int32) {
        self.near = near
        self.far = far
    }

    func isLast() -> Bool { halves.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
