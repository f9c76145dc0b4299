import JSON
import NIOCore
import NIOPosix
import NIOSSL

@testable import DevVault

/// Sends bytes over TLS, well-formed or not, and collects what comes back until the other side closes.
struct RawClient {
    struct Answer {
        let bytes: [UInt8]

        var status: Int? {
            let text = String(decoding: bytes.prefix(16), as: UTF8.self)
            return text.hasPrefix("HTTP/1.1 ") ? Int(text.dropFirst(9).prefix(3)) : nil
        }

        var json: JSONValue? {
            let text = String(decoding: bytes, as: UTF8.self)
            guard let start = text.firstIndex(of: "{") else { return nil }
            return try? JSONValue(parsing: Array(text[start...].utf8))
        }
    }

    let port: Int
    let context: NIOSSLContext

    init(_ server: DevVaultServer) throws {
        port = server.port
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(server.caCertificatePEM.utf8)))
        context = try NIOSSLContext(configuration: tls)
    }

    /// `patience`, seconds: when to give up a request that never ends. No answer is the answer then.
    func send(_ text: String, patience: Int64 = 60) async throws -> Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let result = loop.makePromise(of: [UInt8].self)
        let context = self.context
        let channel = try await ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let tls = try NIOSSLClientHandler(context: context, serverHostname: "shop.vault.localhost")
                try channel.pipeline.syncOperations.addHandler(tls)
                try channel.pipeline.syncOperations.addHandler(Collector(result))
            }
        }.connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        loop.scheduleTask(in: .seconds(patience)) { channel.close(promise: nil) }
        return Answer(bytes: try await result.futureResult.get())
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let result: EventLoopPromise<[UInt8]>
    private var bytes: [UInt8] = []

    init(_ result: EventLoopPromise<[UInt8]>) { self.result = result }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { bytes += unwrapInboundIn(data).readableBytesView }

    func channelInactive(context: ChannelHandlerContext) { result.succeed(bytes) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
