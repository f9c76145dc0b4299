internal import Glibc

/// Dates as RFC 3339 writes them.
package enum RFC3339 {
    /// The years 1 to 9999, which are all that can be written.
    private static let range = -62_135_596_800...253_402_300_799

    /// UTC, e.g. `2026-11-20T23:45:44Z`; a time beyond what can be written is its nearest.
    /// - Parameter seconds: since 1970.
    package static func text(_ seconds: Int) -> String {
        var time = time_t(min(max(seconds, range.lowerBound), range.upperBound))
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ number: Int32, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
            + "T\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))Z"
    }
}
