internal import CCurl

extension HTTPResponse {
    /// How long the server asks to be left alone (RFC 9110, 10.2.3): seconds, or a date in any of HTTP's three forms.
    ///
    /// A date is measured against the server's own `Date` where it gave one, so that the local clock may be wrong.
    /// - Parameter wallSeconds: now, in seconds since 1970.
    func retryAfter(wallSeconds: Int) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = Self.seconds(text) { return .seconds(seconds) }
        guard let date = Self.date(text) else { return nil }
        let now = header("Date").flatMap(Self.date) ?? wallSeconds
        return .seconds(max(0, date - now))
    }

    private static let longest = 365 * 86_400

    private static func seconds(_ text: String) -> Int? {
        let digits = text.utf8
        guard 1...32 ~= digits.count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        return min(Int(text) ?? longest, longest)
    }

    private static func date(_ text: String) -> Int? {
        guard text.utf8.count <= 64 else { return nil }
        let seconds = curl_getdate(text, nil)
        return 0...253_402_300_799 ~= seconds ? Int(seconds) : nil
    }
}
