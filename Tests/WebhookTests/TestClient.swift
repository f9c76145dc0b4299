import NIOCore
import NIOPosix
import NIOSSL

/// An HTTP answer as it came over the wire.
struct TestResponse: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    var closes: Bool { header("connection")?.lowercased() == "close" }
}

/// A connection whose bytes a test decides. Used by one task at a time; ends by itself after a minute.
final class TestClient {
    struct Closed: Error {}

    let channel: any Channel
    private var inbound: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
    private var received: [UInt8] = []

    private init(_ channel: any Channel, _ stream: AsyncThrowingStream<ByteBuffer, any Error>) {
        self.channel = channel
        inbound = stream.makeAsyncIterator()
    }

    static func connect(port: Int, tls: NIOSSLContext?) async throws -> TestClient {
        let (stream, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    }
                    try pipeline.addHandler(Inbox(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        channel.eventLoop.scheduleTask(in: .seconds(60)) { channel.close(promise: nil) }
        return TestClient(channel, stream)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func exchange(_ request: [UInt8], withoutBody: Bool = false) async throws -> TestResponse {
        try await send(request)
        return try await response(withoutBody: withoutBody)
    }

    func exchange(_ request: String) async throws -> TestResponse { try await exchange(Array(request.utf8)) }

    /// The next answer.
    func response(withoutBody: Bool = false) async throws -> TestResponse {
        while true {
            if let response = take(withoutBody: withoutBody) { return response }
            guard let bytes = try await inbound.next() else { throw Closed() }
            received += bytes.readableBytesView
        }
    }

    /// Everything up to the end of the connection, however it ends.
    func rest() async -> [UInt8] {
        while let bytes = try? await inbound.next() { received += bytes.readableBytesView }
        return received
    }

    func close() { channel.close(promise: nil) }

    private func take(withoutBody: Bool) -> TestResponse? {
        guard let end = received.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else { return nil }
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        let bodyLength = withoutBody ? 0 : length
        guard received.count >= end.upperBound + bodyLength else { return nil }
        let body = Array(received[end.upperBound..<(end.upperBound + bodyLength)])
        received.removeFirst(end.upperBound + bodyLength)
        return TestResponse(status: status, headers: Array(headers), body: body)
    }
}

/// Passes what comes in to a stream.
private final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Many servers close TCP without TLS's goodbye.
        if let error = error as? NIOSSLError, case .uncleanShutdown = error { return continuation.finish() }
        continuation.finish(throwing: error)
        context.close(promise: nil)
    }
}
