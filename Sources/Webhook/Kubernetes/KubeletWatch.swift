import Synchronization

/// Keeps the shape of pods with the oldest kubelet of the cluster.
///
/// The older shape works on every kubelet, so pods have it until the versions are known. What was known last stays where a
/// later read fails.
final class KubeletWatch: Sendable {
    /// When it reads.
    struct Timing: Sendable {
        /// Between reads, give or take a fifth: replicas spread themselves.
        var interval: Duration = .seconds(300)
        /// Behind the first failed read; it doubles with each one up to the interval.
        var firstRetry: Duration = .seconds(1)
        /// How long the start waits for the versions where failures may pass.
        var settleTimeout: Duration = .seconds(5)
    }

    typealias Read = @Sendable () async -> KubeletVersions

    private struct State {
        /// What was reported last.
        var last: KubeletVersions?
        /// The oldest kubelet as last known.
        var oldest: KubernetesVersion?
        var failures = 0
    }

    private let injector: CurrentInjector
    private let metrics: WebhookMetrics
    private let log: Log
    private let timing: Timing
    private let read: Read
    private let start = ContinuousClock.now
    private let settled = Atomic<Bool>(false)
    private let state = Mutex(State())

    /// - Parameter injector: begins with the older shape.
    init(
        _ injector: CurrentInjector, metrics: WebhookMetrics, log: Log, timing: Timing = Timing(),
        read: @escaping Read
    ) {
        self.injector = injector
        self.metrics = metrics
        self.log = log
        self.timing = timing
        self.read = read
        injector.follow(kubelet: nil)
    }

    /// The oldest kubelet; nil where it is not known.
    var oldest: KubernetesVersion? { state.withLock { $0.oldest } }

    /// Whether waiting longer is not worth it: the versions are known, or will not be without somebody's doing, or have
    /// been waited for long enough.
    var isSettled: Bool {
        settled.load(ordering: .relaxed) || ContinuousClock.now - start > timing.settleTimeout
    }

    /// Reads until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let versions = await read()
            if Task.isCancelled { return }
            take(versions)
            try? await Task.sleep(for: pause * Double.random(in: 0.8...1.2))
        }
    }

    /// Takes the outcome of a read over.
    func take(_ versions: KubeletVersions) {
        metrics.kubeletVersionReads.increment(versions.outcome)
        // What is not known to work counts as not working.
        switch versions {
        case .oldest(let version, _): injector.follow(kubelet: version)
        case .unreadable, .noNodes: injector.follow(kubelet: nil)
        case .failed: break
        }
        let isNews = state.withLock { state in
            switch versions {
            case .oldest(let version, _): state.oldest = version
            case .unreadable, .noNodes: state.oldest = nil
            case .failed: break
            }
            if case .failed = versions { state.failures += 1 } else { state.failures = 0 }
            defer { state.last = versions }
            return state.last.map { !$0.says(sameAs: versions) } ?? true
        }
        if isNews { report(versions) }
        if case .failed(let error) = versions, error.isTransient { return }
        settled.store(true, ordering: .relaxed)
    }

    private var pause: Duration {
        let failures = state.withLock { $0.failures }
        guard failures > 0 else { return timing.interval }
        return min(timing.firstRetry * (1 << min(failures - 1, 20)), timing.interval)
    }

    private func report(_ versions: KubeletVersions) {
        var fields: [(String, LogField)] = [
            ("outcome", .text(versions.outcome)), ("nativeSidecars", .flag(injector.hasNativeSidecars)),
        ]
        switch versions {
        case .oldest(let version, let nodes):
            fields += [("oldestKubelet", .text(version.description)), ("nodes", .integer(nodes))]
        case .unreadable(let text): fields.append(("found", .text(text)))
        case .noNodes: break
        case .failed(let error): fields.append(("detail", .text(error.detail)))
        }
        guard let remedy = versions.remedy else {
            log.write(.info, "the shape of pods follows the oldest kubelet", fields)
            return
        }
        let kept = if case .failed = versions, oldest != nil { true } else { false }
        log.write(
            .warning,
            kept
                ? "kubelet versions not read; pods keep the shape that they have"
                : "kubelet versions not known; pods get the shape that works on every version",
            fields + [("remedy", .text(remedy))])
    }
}

extension KubeletVersions {
    /// Whether the two differ in nothing but the number of nodes or the words of a failure.
    fileprivate func says(sameAs other: KubeletVersions) -> Bool {
        switch (self, other) {
        case (.oldest(let version, _), .oldest(let otherVersion, _)): version == otherVersion
        default: outcome == other.outcome
        }
    }
}
