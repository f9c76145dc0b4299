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
        #expect(delay(1, 1, retryAfter: .milliseconds(40)) == .milliseconds(140))
        #expect(delay(1, 0, retryAfter: .seconds(9999)) == .seconds(30))
        #expect(delay(1, 0, retryAfter: .seconds(-5)) == .zero)
    }

    @Test("many that were told the same return over a time that grows with it")
    func spread() throws {
        let pauses = try (0..<1000).map { try #require(delay(1, Double($0) / 1000, retryAfter: .seconds(30))) }
        #expect(pauses.allSatisfy { $0 >= .seconds(30) })
        let longest = try #require(pauses.max())
        #expect(longest > .seconds(37) && longest < .seconds(38))
        #expect(Set(pauses).count == 1000)
    }

    @Test("a pause is cut so that one more try fits before the deadline")
    func cut() throws {
        let slow = RetryPolicy(initialDelay: .seconds(10), maximumDelay: .seconds(10))
        #expect(slow.delay(attempt: 1, retryAfter: nil, remaining: .seconds(4), random: 1) == .seconds(3))
        #expect(slow.delay(attempt: 9, retryAfter: nil, remaining: .seconds(1), random: 1) == .milliseconds(500))
        #expect(slow.delay(attempt: 9, retryAfter: nil, remaining: .seconds(4), random: 0) == .zero)
        #expect(
            slow.delay(attempt: 1, retryAfter: .seconds(7), remaining: .seconds(8), random: 1)
                == .milliseconds(7500))
        #expect(slow.delay(attempt: 1, retryAfter: .seconds(7), remaining: .seconds(20), random: 1) == .seconds(17))
    }

    @Test("the tries end only where the server asks for more than there is, or no time is left")
    func deadline() {
        for random in [0, 0.5, 1] {
            #expect(delay(1, random, retryAfter: .seconds(5), remaining: .seconds(4)) == nil)
            #expect(delay(1, random, retryAfter: .seconds(5), remaining: .seconds(5)) == nil)
            #expect(delay(1, random, retryAfter: .seconds(5), remaining: .seconds(6)) != nil)
            #expect(delay(1, random, remaining: .milliseconds(300)) != nil)
            #expect(delay(1, random, remaining: .zero) == nil)
            #expect(delay(1, random, remaining: .seconds(-1)) == nil)
        }
    }

    @Test("cut pauses come to an end")
    func end() {
        var remaining: Duration = .seconds(30)
        var tries = 1
        while let pause = delay(tries, 1, remaining: remaining), tries < 1000 {
            remaining -= pause
            tries += 1
        }
        #expect((15...30).contains(tries))
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
