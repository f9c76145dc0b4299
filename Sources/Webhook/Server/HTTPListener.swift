import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A port that is listened on.
struct HTTPListener: Sendable {
    private let channel: any Channel
    let environment: ListenerEnvironment

    /// The port, also where the system chose it.
    let port: Int

    /// Binds and accepts.
    ///
    /// - Parameter certificate: nil for plain HTTP.
    static func start(
        _ address: ListenAddress, group: any EventLoopGroup, certificate: CertificateSource?,
        environment: ListenerEnvironment
    ) async throws -> HTTPListener {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configure(channel, certificate: certificate, environment: environment)
                }
            }
        let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
        return HTTPListener(
            channel: channel, environment: environment, port: channel.localAddress?.port ?? address.port)
    }

    private static func configure(
        _ channel: any Channel, certificate: CertificateSource?, environment: ListenerEnvironment
    ) throws {
        guard let connection = environment.registry.admit(channel) else { throw ConnectionRefused() }
        channel.closeFuture.whenComplete { _ in environment.registry.remove(connection) }
        let pipeline = channel.pipeline.syncOperations
        if let certificate {
            try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context))
        }
        let limits = environment.limits
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderFieldSize = limits.maximumHeadBytes
        decoderLimits.maxHeaderListSize = limits.maximumHeadBytes
        decoderLimits.maxHeaderFieldCount = limits.maximumHeaderCount
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop, limitConfiguration: decoderLimits)
        try pipeline.addHandler(FirstByteHandler(connection, headTimeout: limits.headTimeout))
        try pipeline.addHandler(ByteToMessageHandler(decoder))
        try pipeline.addHandler(HTTPConnectionHandler(connection, environment: environment))
    }

    /// Accepts no further connection; open ones stay.
    func stopAccepting() async {
        try? await channel.close().get()
    }
}

/// The connection cap is reached and every connection is being answered.
private struct ConnectionRefused: Error {}
