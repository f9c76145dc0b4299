/// Prometheus' text exposition format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
struct PrometheusText {
    static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    /// Begins a family.
    mutating func family(_ name: String, type: String, help: String) {
        append("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
    }

    /// Appends a sample of the family begun last.
    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        append(name)
        if !labels.isEmpty {
            append("{" + labels.map { "\($0)=\"\(PrometheusText.escape($1))\"" }.joined(separator: ",") + "}")
        }
        append(" \(PrometheusText.number(value))\n")
    }

    /// A gauge without labels.
    mutating func gauge(_ name: String, _ value: Double, _ help: String) {
        family(name, type: "gauge", help: help)
        sample(name, [], value)
    }

    /// A counter without labels.
    mutating func counter(_ name: String, _ value: Double, _ help: String) {
        family(name, type: "counter", help: help)
        sample(name, [], value)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value).map(String.init) ?? value.description
    }

    private static func escape(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): output += "\\\\".utf8
            case UInt8(ascii: "\""): output += "\\\"".utf8
            case 0x0A: output += "\\n".utf8
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
