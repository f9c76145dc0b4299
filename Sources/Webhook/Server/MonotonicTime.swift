import NIOCore

/// The clock of event loops, in nanoseconds.
enum MonotonicTime {
    static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
}

extension Duration {
    /// In nanoseconds, as event loops count; the largest where it does not fit, 0 where it is negative.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (scaled, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return .max }
        let (sum, tooBig) = scaled.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return tooBig ? .max : sum
    }
}
