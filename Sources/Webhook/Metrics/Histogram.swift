import Synchronization

/// A Prometheus histogram of seconds.
final class Histogram: Sendable {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let name: String
    private let help: String
    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: upper bounds of the buckets, ascending, without infinity.
    init(_ name: String, bounds: [Double], _ help: String) {
        self.name = name
        self.help = help
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Counts one observation.
    func observe(_ seconds: Double) {
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] &+= 1
            $0.sum += seconds
        }
    }

    /// Appends the family.
    func write(to text: inout PrometheusText) {
        text.family(name, type: "histogram", help: help)
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total &+= count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            text.sample("\(name)_bucket", [("le", bound)], Double(total))
        }
        text.sample("\(name)_sum", [], sum)
        text.sample("\(name)_count", [], Double(total))
    }
}
