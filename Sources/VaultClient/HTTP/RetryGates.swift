internal import Synchronization

/// One ``RetryGate`` for each origin.
final class RetryGates: Sendable {
    private let gates = Mutex<[Origin: RetryGate]>([:])

    /// The gate before an origin, the same for all who ask it.
    subscript(origin: Origin) -> RetryGate {
        gates.withLock { gates in
            if let known = gates[origin] { return known }
            let gate = RetryGate()
            gates[origin] = gate
            return gate
        }
    }
}
