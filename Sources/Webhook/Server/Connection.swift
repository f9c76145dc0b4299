import NIOCore
import NIOSSL
import Synchronization

/// A connection as others than its own event loop see it.
final class Connection: Sendable {
    private let channel: any Channel
    private let phaseByte = Atomic<UInt8>(ConnectionPhase.opening.rawValue)
    private let sinceTime: Atomic<UInt64>
    private let deadlineTime: Atomic<UInt64>
    private let proven = Atomic<Bool>(false)

    /// - Parameter timeout: for the first request's head.
    init(_ channel: any Channel, timeout: Duration) {
        self.channel = channel
        let now = MonotonicTime.now()
        sinceTime = Atomic(now)
        deadlineTime = Atomic(now &+ timeout.wholeNanoseconds)
    }

    var phase: ConnectionPhase { ConnectionPhase(rawValue: phaseByte.load(ordering: .relaxed)) ?? .opening }

    /// When the phase began, in event loop time.
    var since: UInt64 { sinceTime.load(ordering: .relaxed) }

    /// When the phase's time runs out.
    var deadline: UInt64 { deadlineTime.load(ordering: .relaxed) }

    /// Whether a review was answered on it: hardly anybody but an apiserver gets there.
    var isProven: Bool { proven.load(ordering: .relaxed) }

    func prove() { proven.store(true, ordering: .relaxed) }

    /// Begins a phase.
    func enter(_ phase: ConnectionPhase, timeout: UInt64) {
        let now = MonotonicTime.now()
        sinceTime.store(now, ordering: .relaxed)
        deadlineTime.store(now &+ timeout, ordering: .relaxed)
        phaseByte.store(phase.rawValue, ordering: .relaxed)
    }

    /// Tells the connection's handler that its time has run out.
    func expire() { channel.pipeline.fireUserInboundEventTriggered(ConnectionExpired()) }

    /// Closes after TLS has said goodbye.
    func close() { channel.close(promise: nil) }

    /// Closes at once; no client can delay it.
    func abort() {
        let channel = channel
        channel.eventLoop.execute {
            if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
                tls.close(promise: nil)
            } else {
                channel.close(promise: nil)
            }
        }
    }
}

/// The event that a phase's time has run out.
struct ConnectionExpired: Sendable {}
