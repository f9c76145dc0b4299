import Synchronization

/// A value that concurrent parts of a test change.
final class Shared<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value { content.withLock { $0 } }
    func set(_ value: Value) { content.withLock { $0 = value } }
    func change(_ body: (inout Value) -> Void) { content.withLock { body(&$0) } }
}
