import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

extension DevVaultServer {
    /// Seconds without a byte after which a connection is closed.
    private static let idleTimeout = TimeAmount.seconds(120)

    static func listen(
        _ configuration: DevVaultConfiguration, _ group: MultiThreadedEventLoopGroup, _ store: DevVaultStore,
        _ certificates: DevelopmentCertificates, _ folder: String?
    ) async throws(DevVaultError) -> DevVaultServer {
        let tls = try context(certificates, folder)
        let current = DispatcherBox()
        let channel: any Channel
        do {
            channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { child in
                    child.eventLoop.makeCompletedFuture {
                        guard let dispatcher = current.value else { return }
                        let pipeline = child.pipeline.syncOperations
                        try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                        try pipeline.addHandler(IdleStateHandler(allTimeout: idleTimeout))
                        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                        try pipeline.addHandler(DevVaultHandler(dispatcher))
                    }
                }
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw .listen(address: "\(configuration.host):\(configuration.port)", reason: "\(error)")
        }
        let port = channel.localAddress?.port ?? configuration.port
        let keys = IssuerKeys(configuration.issuers, fetcher: HTTPDocumentFetcher(group: group))
        await keys.loadAll()
        let suffix = configuration.dnsSuffix
        let resources = Set(configuration.resources + ["https://\(suffix)", "https://\(suffix):\(port)"])
        let tokens = AccessTokens(
            key: store.signingKey, lifetime: configuration.tokenLifetime, resources: resources)
        current.value = DevVaultDispatcher(
            vault: KeyVaultService(store: store, configuration: configuration, tokens: tokens),
            entra: EntraService(configuration: configuration, tokens: tokens, keys: keys),
            control: ControlService(token: configuration.controlToken, faults: store.faults), faults: store.faults)
        return DevVaultServer(
            channel: channel, port: port, group: group, store: store, configuration: configuration,
            certificates: certificates, folder: folder)
    }

    private static func context(
        _ certificates: DevelopmentCertificates, _ folder: String?
    ) throws(DevVaultError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificates.certificatePEM.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(certificates.keyPEM.utf8), format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            // How long a close waits for the client's half of the farewell; a stop must not take seconds.
            tls.shutdownTimeout = .milliseconds(100)
            return try NIOSSLContext(configuration: tls)
        } catch {
            throw .certificates(path: folder ?? "memory", reason: "\(error)")
        }
    }
}

/// The dispatcher needs the port, which is known after binding; a connection before that is closed.
private final class DispatcherBox: Sendable {
    private let storage = Mutex<DevVaultDispatcher?>(nil)
    var value: DevVaultDispatcher? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
