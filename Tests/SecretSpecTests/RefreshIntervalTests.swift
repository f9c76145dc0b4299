import SecretSpec
import Testing

@Suite("Refresh intervals")
struct RefreshIntervalTests {
    @Test(
        "are read and written back in one spelling",
        arguments: [
            ("1s", 1, "1s"), ("30s", 30, "30s"), ("2m", 120, "2m"), ("1h30m", 5400, "1h30m"), ("90m", 5400, "1h30m"),
            ("7d", 604_800, "7d"), ("168h", 604_800, "7d"), ("604800s", 604_800, "7d"),
            ("1d1h1m1s", 90_061, "1d1h1m1s"),
            ("0m5s", 5, "5s"), ("007s", 7, "7s"),
        ])
    func read(_ text: String, _ seconds: Int, _ spelling: String) {
        #expect(RefreshInterval(text) == .every(seconds: seconds))
        #expect(RefreshInterval.text(seconds: seconds) == spelling)
        #expect(RefreshInterval(spelling) == .every(seconds: seconds))
    }

    @Test("off is never") func off() { #expect(RefreshInterval("off") == .off) }

    @Test(
        "anything else is refused, never rounded and never a trap",
        arguments: [
            "", "0", "0s", "30", "-1s", "+1s", "1.5s", "500ms", "1 m", " 1m", "1m ", "1s1m", "1m1m", "8d", "169h",
            "604801s", "9999999s", "999999d", "99999999999999999999s", "s", "m1", "1M", "Off", "OFF", "never",
            "1s\u{301}",
            "١s", "1m30",
        ])
    func refused(_ text: String) { #expect(RefreshInterval(text) == nil) }
}
