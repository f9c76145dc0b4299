import Synchronization

/// A Prometheus counter with up to two labels.
final class CounterFamily: Sendable {
    private struct Key: Hashable {
        let first: String
        let second: String
    }

    private let name: String
    private let help: String
    private let labels: [String]
    private let values = Mutex<[Key: UInt64]>([:])

    init(_ name: String, labels: [String] = [], _ help: String) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    /// Counts one. Label values must come from small closed sets.
    func increment(_ first: String = "", _ second: String = "") {
        values.withLock { $0[Key(first: first, second: second), default: 0] &+= 1 }
    }

    /// The value of one combination.
    func value(_ first: String = "", _ second: String = "") -> UInt64 {
        values.withLock { $0[Key(first: first, second: second)] ?? 0 }
    }

    /// Appends the family.
    func write(to text: inout PrometheusText) {
        text.family(name, type: "counter", help: help)
        let all = values.withLock { $0 }
        if labels.isEmpty {
            text.sample(name, [], Double(all.values.first ?? 0))
            return
        }
        for (key, value) in all.sorted(by: { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) }) {
            text.sample(name, Array(zip(labels, [key.first, key.second])), Double(value))
        }
    }
}
