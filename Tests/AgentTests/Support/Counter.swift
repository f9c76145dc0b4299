import Synchronization

/// Counts calls of any thread.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
}
