/// Which kept connections may be dead: to an origin where a request got no answer, those that were there at that time.
///
/// A connection that a NAT gateway or a firewall has forgotten looks alive and swallows what is sent.
struct ConnectionDoubts {
    private struct Doubt {
        let since: ContinuousClock.Instant
        var isOpen = true
    }

    private var doubts: [Origin: Doubt] = [:]

    /// Whether a request opens a connection of its own: as long as none has got an answer since.
    func demandsFreshConnection(to origin: Origin) -> Bool { doubts[origin]?.isOpen ?? false }

    /// How old a connection may be that is used again, in seconds; nil for any age.
    func oldestConnection(to origin: Origin, now: ContinuousClock.Instant) -> Int? {
        // Whole seconds are counted on both sides.
        doubts[origin].map { Int(($0.since.duration(to: now)).components.seconds) + 1 }
    }

    /// Learns from what came of a request.
    mutating func learn(_ result: Result<HTTPResponse, HTTPError>, of origin: Origin, now: ContinuousClock.Instant) {
        switch result {
        case .success: doubts[origin]?.isOpen = false
        // By way of a proxy, a tunnel that is dead looks like a proxy that does not answer.
        case .failure(.timeout), .failure(.connectionLost), .failure(.notConnectedByProxy):
            doubts[origin] = Doubt(since: now)
        case .failure: break
        }
    }
}
