import Foundation
import JSON

/// The figures of a run, as a table for people and as ratios that are held against `thresholds.json`.
struct Report {
    private var failures: [String] = []
    private let thresholds: JSONValue

    init() throws {
        thresholds = try JSONValue(parsing: Array(Data(contentsOf: URL(fileURLWithPath: "thresholds.json"))))
    }

    func heading(_ columns: [String]) {
        print()
        row(columns)
        row(columns.map { String(repeating: "-", count: max($0.count, 6)) })
    }

    func row(_ cells: [String]) {
        let padded = cells.enumerated().map { index, cell in
            String(repeating: " ", count: max(0, (index == 0 ? 0 : 12) - cell.count)) + cell
                + String(repeating: " ", count: index == 0 ? max(0, 44 - cell.count) : 0)
        }
        print(padded.joined(separator: " "))
    }

    mutating func ratio(_ name: String, _ value: Double) {
        let limit = thresholds[name]?["maximum"].flatMap { Double($0.text) }
        let isKept = limit.map { value <= $0 } ?? true
        row([name, decimal(value), limit.map { "<= \(decimal($0))" } ?? "", isKept ? "" : "EXCEEDED"])
        if !isKept { failures.append(name) }
    }

    func finish() -> Never {
        if failures.isEmpty { exit(0) }
        print("\nThresholds not kept: \(failures.joined(separator: ", "))")
        exit(1)
    }
}

/// With two places.
func decimal(_ value: Double) -> String {
    String(format: "%.2f", value)
}
