import Synchronization

/// A value that one thread puts and another one finds.
final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Value?>(nil)

    var value: Value? { content.withLock { $0 } }

    func put(_ value: Value) { content.withLock { $0 = value } }
}
