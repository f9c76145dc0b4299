import Injector

/// Reads ServiceAccounts for many requests with few reads, never with an old answer.
///
/// While a read of an account is under way, requests for the same account wait for the *next* read: one that began
/// after they came. So an answer is never older than its request (the account may have been created a moment before the
/// pod), a burst of pods of one Deployment costs two reads, and there is at most one read per account at a time.
actor ServiceAccountReader: ServiceAccountSource {
    /// Longest wait of a caller, well inside the five seconds that an apiserver gives the webhook.
    static let callerTimeout: Duration = .milliseconds(3500)
    /// Reads at one time over all accounts. What comes above waits.
    static let maximumReads = 32
    /// Callers that wait at one time; above it they are refused at once.
    static let maximumCallers = 20_000

    /// One read, by whatever means.
    typealias Fetch = @Sendable (ServiceAccountName) async -> Result<[String: String], KubernetesError>

    private typealias Answer = Result<[String: String], KubernetesError>
    private typealias Caller = CheckedContinuation<Answer, Never>

    private let fetch: Fetch
    private let metrics: WebhookMetrics
    private let callerTimeout: Duration
    private var callers: [UInt64: Caller] = [:]
    private var nextCaller: UInt64 = 0
    /// Callers waiting for a read that has not begun, by account. An account is a key as long as it is busy or queued.
    private var waiting: [ServiceAccountName: [UInt64]] = [:]
    private var queue: [ServiceAccountName] = []
    private var reads = 0

    init(
        metrics: WebhookMetrics, callerTimeout: Duration = ServiceAccountReader.callerTimeout, fetch: @escaping Fetch
    ) {
        self.metrics = metrics
        self.callerTimeout = callerTimeout
        self.fetch = fetch
    }

    func annotations(of account: ServiceAccountName) async throws(KubernetesError) -> [String: String] {
        guard KubernetesName.isLabel(account.namespace), KubernetesName.isSubdomain(account.name) else {
            metrics.serviceAccountReads.increment(KubernetesError.invalidName.outcome)
            throw .invalidName
        }
        guard callers.count < ServiceAccountReader.maximumCallers else { throw .timeout }
        let id = nextCaller
        nextCaller &+= 1
        let timer = Task { [callerTimeout] in
            try await Task.sleep(for: callerTimeout)
            self.answer(id, .failure(.timeout))
        }
        let answer = await withCheckedContinuation { (caller: Caller) in
            callers[id] = caller
            enqueue(id, account)
        }
        timer.cancel()
        return try answer.get()
    }

    /// Callers without an answer yet.
    var waitingCallers: Int { callers.count }

    private func enqueue(_ id: UInt64, _ account: ServiceAccountName) {
        if waiting[account] != nil {
            waiting[account]?.append(id)
        } else {
            waiting[account] = [id]
            queue.append(account)
            startReads()
        }
    }

    private func startReads() {
        while reads < ServiceAccountReader.maximumReads, !queue.isEmpty {
            let account = queue.removeFirst()
            let party = (waiting[account] ?? []).filter { callers[$0] != nil }
            guard !party.isEmpty else {
                waiting[account] = nil
                continue
            }
            waiting[account] = []
            reads += 1
            Task { await self.read(account, for: party) }
        }
    }

    private func read(_ account: ServiceAccountName, for party: [UInt64]) async {
        let start = ContinuousClock.now
        let result = await fetch(account)
        metrics.serviceAccountDuration.observe((ContinuousClock.now - start).inSeconds)
        switch result {
        case .success: metrics.serviceAccountReads.increment("found")
        case .failure(let error): metrics.serviceAccountReads.increment(error.outcome)
        }
        for id in party { answer(id, result) }
        reads -= 1
        if waiting[account]?.isEmpty ?? true {
            waiting[account] = nil
        } else {
            queue.append(account)
        }
        startReads()
    }

    private func answer(_ id: UInt64, _ answer: Answer) {
        callers.removeValue(forKey: id)?.resume(returning: answer)
    }
}
