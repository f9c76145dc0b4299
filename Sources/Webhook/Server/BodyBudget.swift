import Synchronization

/// What large bodies may hold together while they are received. Small ones need none of it.
final class BodyBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes bytes out of the budget; false where there are not as many left.
    func take(_ count: Int) -> Bool {
        let (_, now) = used.add(count, ordering: .relaxed)
        if now <= limit { return true }
        used.subtract(count, ordering: .relaxed)
        return false
    }

    /// Gives bytes back.
    func give(_ count: Int) { used.subtract(count, ordering: .relaxed) }
}
