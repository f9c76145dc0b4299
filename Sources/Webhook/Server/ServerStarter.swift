import NIOCore
import NIOPosix

/// Puts the parts of a ``WebhookServer`` together and takes them apart again where one does not start.
struct ServerStarter {
    /// What runs.
    struct Parts {
        let group: MultiThreadedEventLoopGroup
        let threads: NIOThreadPool
        let admission: HTTPListener
        let metrics: HTTPListener
        let certificate: CertificateSource
        let lifecycle: Lifecycle
        let housekeeping: [RepeatedTask]
        let timing: (drainDelay: Duration, drainTimeout: Duration)
        let log: Log
        let registry: WebhookMetrics
        let watch: Task<Void, Never>?
    }

    /// Scrapes and probes need no more.
    private static let metricsConnections = 64

    let configuration: WebhookConfiguration.Server
    let endpoint: AdmissionEndpoint
    let kubelets: KubeletWatch?
    let certificate: CertificateSource
    let limits: ServerLimits
    let metrics: WebhookMetrics
    let log: Log
    let droppedLogLines: @Sendable () -> UInt64
    let certificatePoll: Duration

    func start() async throws(WebhookStartError) -> WebhookServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads ?? System.coreCount)
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        do throws(WebhookStartError) {
            return try await start(group, threads)
        } catch {
            try? await threads.shutdownGracefully()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func start(
        _ group: MultiThreadedEventLoopGroup, _ threads: NIOThreadPool
    ) async throws(WebhookStartError) -> WebhookServer {
        let lifecycle = Lifecycle()
        let health = Health(certificate: certificate, lifecycle: lifecycle, kubelets: kubelets)
        var admissionLimits = limits
        admissionLimits.maximumConnections = configuration.maximumConnections
        let admission = ListenerEnvironment(
            name: "admission", limits: admissionLimits, router: AdmissionRouter(endpoint: endpoint, health: health),
            metrics: metrics, threads: threads, lifecycle: lifecycle)
        let admissionListener = try await listen(
            "server.address", configuration.address, group, certificate, admission)
        var scrapeLimits = limits
        scrapeLimits.maximumConnections = ServerStarter.metricsConnections
        let scrapeRegistry = ConnectionRegistry(listener: "metrics", limits: scrapeLimits, metrics: metrics)
        let router = MetricsRouter(health: health) { [metrics, certificate, droppedLogLines, endpoint, kubelets] in
            metrics.exposition(
                WebhookMetrics.Snapshot(
                    admissionConnections: admission.registry.count, metricsConnections: scrapeRegistry.count,
                    certificateExpiry: certificate.expiry, isReady: health.isReady,
                    droppedLogLines: droppedLogLines(), hasNativeSidecars: endpoint.injector.hasNativeSidecars,
                    oldestKubelet: kubelets?.oldest))
        }
        let scrape = ListenerEnvironment(
            registry: scrapeRegistry, limits: scrapeLimits, router: router, metrics: metrics, threads: threads,
            lifecycle: lifecycle)
        let metricsListener = try await listen(
            "server.metricsAddress", configuration.metricsAddress, group, nil, scrape)
        log.write(
            .info, "listening",
            [("port", .integer(admissionListener.port)), ("metricsPort", .integer(metricsListener.port))])
        return WebhookServer(
            Parts(
                group: group, threads: threads, admission: admissionListener, metrics: metricsListener,
                certificate: certificate, lifecycle: lifecycle,
                housekeeping: housekeeping(group, [admission.registry, scrapeRegistry]),
                timing: (configuration.drainDelay, configuration.drainTimeout), log: log, registry: metrics,
                watch: kubelets.map { watch in Task { await watch.run() } }))
    }

    private func listen(
        _ key: String, _ address: ListenAddress, _ group: MultiThreadedEventLoopGroup,
        _ certificate: CertificateSource?,
        _ environment: ListenerEnvironment
    ) async throws(WebhookStartError) -> HTTPListener {
        do {
            return try await HTTPListener.start(
                address, group: group, certificate: certificate, environment: environment)
        } catch {
            throw .bind(key: key, address: address.description, reason: "\(error)")
        }
    }

    private func housekeeping(
        _ group: MultiThreadedEventLoopGroup, _ registries: [ConnectionRegistry]
    ) -> [RepeatedTask] {
        let shortest = [limits.headTimeout, limits.bodyTimeout, limits.writeTimeout, limits.lingerTimeout].min()
        let interval = min((shortest ?? .seconds(1)) / 4, .seconds(1))
        let sweep = group.next().scheduleRepeatedTask(initialDelay: .zero, delay: TimeAmount(interval)) { _ in
            for registry in registries { registry.sweep() }
        }
        let poll = TimeAmount(certificatePoll)
        let reload = group.next().scheduleRepeatedTask(initialDelay: poll, delay: poll) { [certificate] _ in
            certificate.refresh()
        }
        return [sweep, reload]
    }
}
