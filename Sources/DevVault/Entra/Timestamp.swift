// `tm` belongs to whichever of the two C modules was built first.
import COpenSSL
import Glibc

/// Times in UTC as Entra and HTTP write them.
enum Timestamp {
    private static func parts(_ seconds: Int) -> tm {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return parts
    }

    private static func padded(_ number: Int32, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func day(_ t: tm) -> String {
        let (year, _) = t.tm_year.addingReportingOverflow(1900)
        return "\(padded(year, 4))-\(padded(t.tm_mon + 1))-\(padded(t.tm_mday))"
    }

    private static func clock(_ t: tm) -> String { "\(padded(t.tm_hour)):\(padded(t.tm_min)):\(padded(t.tm_sec))" }

    /// `2024-06-04 11:40:28Z`
    static func plain(_ seconds: Int) -> String {
        let t = parts(seconds)
        return "\(day(t)) \(clock(t))Z"
    }

    /// `2024-06-04T11:40:28.0000000Z`
    static func precise(_ seconds: Int) -> String {
        let t = parts(seconds)
        return "\(day(t))T\(clock(t)).0000000Z"
    }

    /// RFC 9110's date: `Tue, 04 Jun 2024 11:40:28 GMT`
    static func http(_ seconds: Int) -> String {
        let t = parts(seconds)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = days[Int(t.tm_wday) % days.count]
        let month = months[Int(t.tm_mon) % months.count]
        let (year, _) = t.tm_year.addingReportingOverflow(1900)
        return "\(weekday), \(padded(t.tm_mday)) \(month) \(padded(year, 4)) \(clock(t)) GMT"
    }

    /// The wall clock in unix seconds.
    static func now() -> Int { time(nil) }
}
