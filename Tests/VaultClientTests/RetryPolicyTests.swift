import Testing

@testable import VaultClient

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(
        initialDelay: .milliseconds(100), maximumDelay: .seconds(2), maximumRetryAfter: .seconds(30))

    private func delay(
        _ attempt: Int, _ random: Double, retryAfter: Duration? = nil, remaining: Duration = .seconds(600)
    )
        -> Duration?
    {
        policy.delay(attempt: attempt, retryAfter: retryAfter, remaining: remaining, random: random)
    }

    @Test("the pause doubles up to its maximum, with full jitter")
    func doubling() {
        #expect((1...7).map { delay($0, 1) } == [100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
        #expect(delay(4, 0) == .zero)
        #expect(delay(4, 0.5) == .milliseconds(400))
    }

    @Test("any number of tries and any chance is taken", arguments: [Int.min, -1, 0, 1, 1000, Int.max])
    func extremes(_ attempt: Int) throws {
        for random in [-1, 0, 2, Double.infinity] {
            let pause = try #require(delay(attempt, random))
            #expect(pause >= .zero && pause <= .seconds(2))
        }
    }

    @Test("Retry-After is waited for, within bounds")
    func retryAfter() {
        #expect(delay(1, 0, retryAfter: .seconds(7)) == .seconds(7))
        #expect(delay(1, 1, retryAfter: .seconds(7)) == .milliseconds(7100))
        #expect(delay(1, 0, retryAfter: .seconds(9999)) == .seconds(30))
        #expect(delay(1, 0, retryAfter: .seconds(-5)) == .zero)
    }

    @Test("nothing begins at or beyond the deadline")
    func deadline() {
        #expect(delay(1, 1, remaining: .milliseconds(100)) == nil)
        #expect(delay(1, 1, remaining: .milliseconds(101)) == .milliseconds(100))
        #expect(delay(1, 0, retryAfter: .seconds(5), remaining: .seconds(4)) == nil)
        #expect(delay(1, 0, remaining: .seconds(-1)) == nil)
    }

    @Test(
        "Retry-After's forms",
        arguments: [
            ("7", 7), ("0", 0), ("Fri, 31 Dec 1999 23:59:59 GMT", 59), ("Friday, 31-Dec-99 23:59:59 GMT", 59),
            ("Fri Dec 31 23:59:59 1999", 59), ("Fri, 31 Dec 1999 23:58:00 GMT", 0), ("-1", nil), ("soon", nil),
            ("", nil),
            ("1.5", nil), ("99999999999999999999999", 31_536_000),
        ] as [(String, Int?)])
    func forms(_ text: String, _ seconds: Int?) {
        let response = HTTPResponse(status: 429, headers: [("retry-after", text)], body: SecretBytes([]))
        // 1999-12-31T23:59:00Z
        #expect(response.retryAfter(wallSeconds: 946_684_740) == seconds.map { .seconds($0) })
    }

    @Test("a date is measured against the server's own clock")
    func serverClock() {
        let response = HTTPResponse(
            status: 503,
            headers: [("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), ("Date", "Fri, 31 Dec 1999 23:59:49 GMT")],
            body: SecretBytes([]))
        #expect(response.retryAfter(wallSeconds: 0) == .seconds(10))
    }
}
