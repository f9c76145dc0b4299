import Injector
import NIOCore
import NIOPosix
import Synchronization
import VaultClient

/// The webhook in this process: the HTTPS port, the metrics port, the certificate, the drain.
public final class WebhookServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let threads: NIOThreadPool
    private let admission: HTTPListener
    private let metricsListener: HTTPListener
    private let certificate: CertificateSource
    private let lifecycle: Lifecycle
    private let housekeeping: [RepeatedTask]
    private let timing: (drainDelay: Duration, drainTimeout: Duration)
    private let log: Log
    private let watch: Task<Void, Never>?
    private let isStopping = Atomic<Bool>(false)
    let metrics: WebhookMetrics

    /// The HTTPS port.
    public var port: Int { admission.port }
    /// The port of metrics and probes.
    public var metricsPort: Int { metricsListener.port }

    /// Starts both listeners and returns once they accept.
    ///
    /// - Parameters:
    ///   - environment: the process's, for what a cluster says in it.
    ///   - serviceAccounts: nil for the apiserver that the configuration names, or the cluster's own.
    public static func start(
        _ configuration: WebhookConfiguration, environment: [String: String] = [:],
        serviceAccounts: (any ServiceAccountSource)? = nil
    ) async throws(WebhookStartError) -> WebhookServer {
        try await start(
            configuration, environment: environment, serviceAccounts: serviceAccounts,
            sink: DescriptorSink(descriptor: 2), limits: ServerLimits(), metrics: WebhookMetrics())
    }

    static func start(
        _ configuration: WebhookConfiguration, environment: [String: String] = [:],
        serviceAccounts: (any ServiceAccountSource)?, sink: any LogSink, limits: ServerLimits, metrics: WebhookMetrics,
        certificatePoll: Duration = .seconds(2), kubeletTiming: KubeletWatch.Timing = KubeletWatch.Timing()
    ) async throws(WebhookStartError) -> WebhookServer {
        let log = Log(level: configuration.logLevel, sink: sink)
        let server = configuration.server
        let certificate: CertificateSource
        do throws(CertificatePair.Failure) {
            certificate = try CertificateSource(
                certificateFile: server.certificateFile, keyFile: server.keyFile, metrics: metrics, log: log)
        } catch {
            throw .certificate(error.description)
        }
        let accounts =
            serviceAccounts
            ?? ServiceAccountReader(
                metrics: metrics,
                fetch: ServiceAccountFetch.make(configuration.kubernetes, environment: environment, log: log))
        let injector = CurrentInjector(configuration.injector)
        let kubelets: KubeletWatch? =
            switch configuration.clusterVersion {
            case .version: nil
            case .auto:
                KubeletWatch(
                    injector, metrics: metrics, log: log, timing: kubeletTiming,
                    read: NodeReader.make(configuration.kubernetes, environment: environment))
            }
        let endpoint = AdmissionEndpoint(
            injector: injector, serviceAccounts: accounts,
            images: images(configuration, environment: environment, metrics: metrics, log: log), metrics: metrics,
            log: log)
        return try await ServerStarter(
            configuration: server, endpoint: endpoint, kubelets: kubelets, certificate: certificate, limits: limits,
            metrics: metrics,
            log: log, droppedLogLines: { (sink as? DescriptorSink)?.dropped ?? 0 }, certificatePoll: certificatePoll
        ).start()
    }

    private static func images(
        _ configuration: WebhookConfiguration, environment: [String: String], metrics: WebhookMetrics, log: Log
    ) -> ImageCommandSource {
        var registries = configuration.registries
        registries.proxy = ProxyOptions(environment: environment)
        var pullSecrets: PullSecretReader?
        if registries.readsPullSecrets, !registries.registries.isEmpty {
            if let endpoint = KubernetesEndpoint(configuration.kubernetes, environment: environment) {
                pullSecrets = PullSecretReader(endpoint)
            } else {
                log.write(.warning, "no apiserver to read pull secrets from: not in a cluster, and no kubernetes.url")
            }
        }
        return ImageCommandSource(registries, pullSecrets: pullSecrets, metrics: metrics, log: log)
    }

    init(_ parts: ServerStarter.Parts) {
        group = parts.group
        threads = parts.threads
        admission = parts.admission
        metricsListener = parts.metrics
        certificate = parts.certificate
        lifecycle = parts.lifecycle
        housekeeping = parts.housekeeping
        timing = parts.timing
        log = parts.log
        metrics = parts.registry
        watch = parts.watch
    }

    /// Open connections of the HTTPS port.
    var connectionCount: Int { admission.environment.registry.count }

    /// Looks for a changed certificate now instead of at the next poll.
    public func reloadCertificate() { certificate.refresh() }

    /// Ends without breaking a request, in this order: `/readyz` fails and answers carry `Connection: close`; after the
    /// drain delay nothing is accepted any more; connections have the drain timeout to end; what is left is closed.
    public func drain() async {
        lifecycle.beginDraining()
        log.write(.info, "draining", [("connections", .integer(admission.environment.registry.count))])
        try? await Task.sleep(for: timing.drainDelay)
        await admission.stopAccepting()
        let deadline = ContinuousClock.now + timing.drainTimeout
        while admission.environment.registry.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        await stop()
    }

    /// Ends at once, but for requests that are being answered: those have a second. Does nothing the second time.
    public func stop() async {
        guard !isStopping.exchange(true, ordering: .relaxed) else { return }
        lifecycle.beginDraining()
        await admission.stopAccepting()
        let registry = admission.environment.registry
        let deadline = ContinuousClock.now + .seconds(1)
        registry.closeIdle()
        while registry.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
        let left = registry.count
        registry.abortAll()
        await metricsListener.stopAccepting()
        metricsListener.environment.registry.abortAll()
        for task in housekeeping { task.cancel() }
        watch?.cancel()
        log.write(.info, "stopped", [("connectionsClosed", .integer(left))])
        log.flush()
        try? await threads.shutdownGracefully()
        try? await group.shutdownGracefully()
    }
}
