import NIOPosix
import Synchronization

/// What all connections of a listener share.
final class ListenerEnvironment: Sendable {
    let limits: ServerLimits
    let router: any RequestRouter
    let metrics: WebhookMetrics
    let registry: ConnectionRegistry
    let budget: BodyBudget
    /// For what would hold up an event loop.
    let threads: NIOThreadPool
    private let lifecycle: Lifecycle

    convenience init(
        name: String, limits: ServerLimits, router: any RequestRouter, metrics: WebhookMetrics, threads: NIOThreadPool,
        lifecycle: Lifecycle
    ) {
        self.init(
            registry: ConnectionRegistry(listener: name, limits: limits, metrics: metrics), limits: limits,
            router: router, metrics: metrics, threads: threads, lifecycle: lifecycle)
    }

    init(
        registry: ConnectionRegistry, limits: ServerLimits, router: any RequestRouter, metrics: WebhookMetrics,
        threads: NIOThreadPool, lifecycle: Lifecycle
    ) {
        self.registry = registry
        self.limits = limits
        self.router = router
        self.metrics = metrics
        self.threads = threads
        self.lifecycle = lifecycle
        budget = BodyBudget(limit: limits.sharedBodyBytes)
    }

    /// Whether every answer is the last one of its connection.
    var isDraining: Bool { lifecycle.isDraining }
}

/// Whether the process is on its way out.
final class Lifecycle: Sendable {
    private let draining = Atomic<Bool>(false)

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func beginDraining() { draining.store(true, ordering: .relaxed) }
}
