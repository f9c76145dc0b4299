import Synchronization

/// Faults that the server plays on demand, for tests of clients. Not kept in the state file.
public final class DevVaultFaults: Sendable {
    /// Which of the two services.
    public enum Service: String, Sendable {
        /// The Key Vault data plane.
        case vault
        /// The token endpoint.
        case entra
    }

    /// What an outage looks like.
    public enum Outage: String, Sendable {
        /// 503 with an error body.
        case unavailable
        /// 500 with an error body.
        case failure
        /// The connection is closed without an answer.
        case reset
        /// The answer ends in the middle of its body.
        case truncated
    }

    /// The plan for one service.
    public struct Plan: Sendable {
        /// So many of the next requests get 429.
        public var throttleNext = 0
        /// Above so many requests in a second: 429. Nil: no limit.
        public var requestsPerSecond: Int?
        /// `Retry-After` of a 429 and a 503, seconds; nil leaves it out.
        public var retryAfter: Int? = 1
        /// Every answer waits so long.
        public var latencyMilliseconds = 0
        /// Requests fail in this way.
        public var outage: Outage?
        /// How many requests the outage lasts; nil: until it is taken back.
        public var outageRequests: Int?

        /// No fault.
        public init() {}
    }

    /// What to do with one request.
    enum Verdict: Equatable {
        case answer
        case throttle(retryAfter: Int?)
        case outage(Outage, retryAfter: Int?)
    }

    private struct State {
        var plans: [Service: Plan] = [:]
        var windows: [Service: (second: Int, count: Int)] = [:]
        var records: [DevVaultRequestRecord] = []
    }

    private let state = Mutex(State())

    init() {}

    /// The plan for a service; set it to change it.
    public subscript(service: Service) -> Plan {
        get { state.withLock { $0.plans[service] ?? Plan() } }
        set { state.withLock { $0.plans[service] = newValue } }
    }

    /// Takes all faults back.
    public func clear() { state.withLock { $0.plans = [:] } }

    /// The next so many requests are answered with 429 and `Retry-After`.
    public func throttle(_ service: Service = .vault, next count: Int, retryAfter: Int? = 1) {
        state.withLock {
            $0.plans[service, default: Plan()].throttleNext = count
            $0.plans[service, default: Plan()].retryAfter = retryAfter
        }
    }

    func verdict(_ service: Service, second: Int) -> (verdict: Verdict, latencyMilliseconds: Int) {
        state.withLock { state in
            var plan = state.plans[service] ?? Plan()
            defer { state.plans[service] = plan }
            let latency = max(0, min(600_000, plan.latencyMilliseconds))
            if let outage = plan.outage {
                if let left = plan.outageRequests {
                    plan.outageRequests = left > 1 ? left - 1 : nil
                    if left <= 1 { plan.outage = nil }
                }
                return (.outage(outage, retryAfter: plan.retryAfter), latency)
            }
            if plan.throttleNext > 0 {
                plan.throttleNext -= 1
                return (.throttle(retryAfter: plan.retryAfter), latency)
            }
            if let limit = plan.requestsPerSecond {
                var window = state.windows[service] ?? (second, 0)
                if window.second != second { window = (second, 0) }
                window.count += 1
                state.windows[service] = window
                if window.count > limit { return (.throttle(retryAfter: plan.retryAfter), latency) }
            }
            return (.answer, latency)
        }
    }

    /// The last 10000 requests in the order of their answers.
    public var requests: [DevVaultRequestRecord] { state.withLock { $0.records } }

    /// Forgets the requests so far.
    public func forgetRequests() { state.withLock { $0.records = [] } }

    func record(_ record: DevVaultRequestRecord) {
        state.withLock {
            if $0.records.count >= 10_000 { $0.records.removeFirst(1000) }
            $0.records.append(record)
        }
    }
}

/// One answered request; never a value or a token.
public struct DevVaultRequestRecord: Sendable, Equatable {
    /// `GET`
    public let method: String
    /// The host as asked.
    public let host: String
    /// `/secrets/db`
    public let path: String
    /// HTTP's status; 0 where the connection was reset.
    public let status: Int
}
