import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

// `floor-server <port> <certificate.pem> <key.pem>`: reads each request whole and answers a constant, over the same
// event loops and TLS as the webhook. What this does per second is the most that the webhook could.

private let arguments = CommandLine.arguments
guard arguments.count == 4, let port = Int(arguments[1]) else {
    print("usage: floor-server <port> <certificate.pem> <key.pem>")
    exit(64)
}

private let certificates = try NIOSSLCertificate.fromPEMFile(arguments[2]).map {
    NIOSSLCertificateSource.certificate($0)
}
private let key = try NIOSSLPrivateKey(file: arguments[3], format: .pem)
private var tls = TLSConfiguration.makeServerConfiguration(certificateChain: certificates, privateKey: .privateKey(key))
tls.applicationProtocols = ["http/1.1"]
private let context = try NIOSSLContext(configuration: tls)

private let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
private let channel = try await ServerBootstrap(group: group)
    .serverChannelOption(.backlog, value: 1024)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLServerHandler(context: context))
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
            try pipeline.addHandler(ConstantHandler())
        }
    }
    .bind(host: "127.0.0.1", port: port).get()
print("listening on \(channel.localAddress?.port ?? 0)")
try await channel.closeFuture.get()
