import NIOCore

/// Sees the first byte of a request on an idle connection: from there on its head's time runs.
final class FirstByteHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: Connection
    private let headTimeout: UInt64

    init(_ connection: Connection, headTimeout: Duration) {
        self.connection = connection
        self.headTimeout = headTimeout.wholeNanoseconds
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection.phase == .idle { connection.enter(.head, timeout: headTimeout) }
        context.fireChannelRead(data)
    }
}
