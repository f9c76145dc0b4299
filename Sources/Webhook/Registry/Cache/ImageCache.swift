import Injector

/// Answers about images for a short time, and one look-up for all who ask the same at the same time.
///
/// An answer belongs to the credential that it was got with: a pod without it does not learn what a private image runs.
actor ImageCache {
    /// What is asked, and with which credential.
    struct Key: Hashable {
        let image: ImageReference
        let platforms: ImagePlatforms
        let credential: RegistryCredential.Identity?
    }

    typealias Answer = Result<ImageCommand, ImageError>

    /// How long answers are good.
    struct Lifetimes {
        /// A tag may be moved, so a pod may start with a command that is this much too old.
        var tag: Duration = .seconds(60)
        /// Content does not change; the right to read it may.
        var digest: Duration = .seconds(3600)
        var failure: Duration = .seconds(5)
    }

    /// Look-ups at one time.
    static let maximumLookups = 32
    /// Look-ups that may begin at once, and how many more each second: a forged review costs a request, and public
    /// registries count those of the whole cluster.
    static let burst = 200
    static let lookupsPerSecond = 10
    /// Callers that wait at one time.
    static let maximumCallers = 10_000

    private typealias Caller = CheckedContinuation<Answer, Never>

    private struct Entry {
        let answer: Answer
        let end: ContinuousClock.Instant
    }

    private let lifetimes: Lifetimes
    private var rate = RateLimit(burst: burst, perSecond: lookupsPerSecond, now: .now)
    private var answers = BoundedCache<Key, Entry>(maximumCount: 4096, maximumSize: 8 << 20)
    /// Callers by the look-up that they wait for.
    private var waiting: [Key: [UInt64]] = [:]
    private var callers: [UInt64: Caller] = [:]
    private var nextCaller: UInt64 = 0

    init(lifetimes: Lifetimes = Lifetimes()) {
        self.lifetimes = lifetimes
    }

    /// The answer, from memory or by a look-up; ``ImageError/timeout`` when the deadline comes first. The look-up then goes
    /// on, so that the next one who asks finds its answer.
    func answer(
        _ key: Key, deadline: ContinuousClock.Instant, lookup: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        if let answer = known(key) { return answer }
        guard callers.count < Self.maximumCallers, waiting[key] != nil || mayBegin() else { return .failure(.busy) }
        let id = nextCaller
        nextCaller &+= 1
        let timer = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            self.end(id, .failure(.timeout))
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { (caller: Caller) in
            callers[id] = caller
            guard waiting[key] == nil else {
                waiting[key]?.append(id)
                return
            }
            waiting[key] = [id]
            Task { self.finish(key, await lookup()) }
        }
    }

    /// The answer from memory.
    func known(_ key: Key) -> Answer? {
        guard let entry = answers.value(key), entry.end > .now else { return nil }
        return entry.answer
    }

    private func mayBegin() -> Bool {
        waiting.count < Self.maximumLookups && rate.take(now: .now)
    }

    private func finish(_ key: Key, _ answer: Answer) {
        answers.insert(Entry(answer: answer, end: .now + lifetime(key, answer)), for: key, size: size(key, answer))
        for id in waiting.removeValue(forKey: key) ?? [] { end(id, answer) }
    }

    private func end(_ id: UInt64, _ answer: Answer) {
        callers.removeValue(forKey: id)?.resume(returning: answer)
    }

    private func lifetime(_ key: Key, _ answer: Answer) -> Duration {
        guard case .success = answer else { return lifetimes.failure }
        return key.image.digest == nil ? lifetimes.tag : lifetimes.digest
    }

    private func size(_ key: Key, _ answer: Answer) -> Int {
        let own = key.image.description.utf8.count + 256
        guard case .success(let command) = answer else { return own }
        return own + command.size
    }
}

extension ImageCommand {
    /// How much memory it takes, roughly.
    var size: Int { (entrypoint + cmd).reduce(64) { $0 + $1.utf8.count + 16 } }
}
