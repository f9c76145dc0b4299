/// Writes Prometheus's text format 0.0.4.
struct PrometheusText {
    enum Kind: String { case counter, gauge }

    private(set) var text = ""

    /// Adds a family. Samples of equal labels, which the format forbids, become one: a counter's sum, a gauge's
    /// maximum.
    mutating func family(
        _ name: StaticString, _ kind: Kind, _ help: StaticString,
        _ samples: [(labels: [(String, String)], value: Double)]
    ) {
        var order: [String] = []
        var values: [String: Double] = [:]
        for sample in samples {
            let labels = Self.labels(sample.labels)
            if let value = values[labels] {
                values[labels] = kind == .counter ? value + sample.value : max(value, sample.value)
            } else {
                order.append(labels)
                values[labels] = sample.value
            }
        }
        guard !order.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for labels in order { text += "\(name)\(labels) \(Self.number(values[labels, default: 0]))\n" }
    }

    private static func labels(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": escaped.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
