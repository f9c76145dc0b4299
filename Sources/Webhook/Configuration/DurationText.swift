/// Durations as people write them in configuration files: `500ms`, `60s`, `2m`, `1h`, `1h30m`.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// The duration that a text means; nil where it is none or does not fit.
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var total = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let suffix = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(suffix.count)
            guard let count = Int(digits), let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
            let (part, tooBig) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !tooBig, !overflow else { return nil }
            total = sum
        }
        return .milliseconds(total)
    }

    /// The shortest text that means the duration, in whole milliseconds.
    static func format(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        guard milliseconds > 0 else { return "0s" }
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }
}

extension Duration {
    /// The duration in milliseconds, cut; the nearest bound where it does not fit.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = Int(clamping: seconds).multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, tooBig) = scaled.addingReportingOverflow(Int(attoseconds / 1_000_000_000_000_000))
        return tooBig ? .max : sum
    }

    /// The duration in seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
