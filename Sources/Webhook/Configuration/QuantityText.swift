/// Amounts of memory in Kubernetes' notation, whole numbers only: `1000`, `24Mi`, `1Gi`, `500M`.
enum QuantityText {
    private static let suffixes: [(suffix: String, factor: Int)] = [
        ("", 1), ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40),
        ("k", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
    ]

    /// The number of bytes that a text means; nil where it means none or does not fit.
    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count)
        guard let count = Int(digits), let unit = suffixes.first(where: { $0.suffix == suffix }) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.factor)
        return overflow ? nil : bytes
    }

    /// Whether a text is an amount of processors: `2`, `0.5` or `100m`.
    static func isProcessorAmount(_ text: String) -> Bool {
        let isMilli = text.utf8.last == UInt8(ascii: "m")
        let parts = text.dropLast(isMilli ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        return (isMilli ? 1...1 : 1...2).contains(parts.count)
            && parts.allSatisfy { part in
                1...9 ~= part.utf8.count && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            }
    }

    /// The shortest text that means so many bytes.
    static func format(_ bytes: Int) -> String {
        for unit in suffixes[1...4].reversed() where bytes > 0 && bytes % unit.factor == 0 {
            return "\(bytes / unit.factor)\(unit.suffix)"
        }
        return String(bytes)
    }
}
