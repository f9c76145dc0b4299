internal import Synchronization

/// Holds back every request to one place while that place asks to be left alone: it asks whom it answers and means all.
final class RetryGate: Sendable {
    typealias Closure = (until: ContinuousClock.Instant, error: VaultError)

    private let state = Mutex<Closure?>(nil)

    /// When it opens, or opened, and what closed it last.
    var closure: Closure? { state.withLock { $0 } }

    /// Closes it; one that is closed for longer stays so.
    /// - Parameter error: what to tell those who cannot wait so long.
    func close(until opening: ContinuousClock.Instant, because error: VaultError) {
        state.withLock { state in
            if let state, state.until >= opening { return }
            state = (opening, error)
        }
    }
}
