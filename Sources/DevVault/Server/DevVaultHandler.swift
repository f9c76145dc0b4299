import JSON
import NIOCore
import NIOHTTP1

/// One connection: collects a request, has it answered, writes the answer.
///
/// The pipelining assistance before it holds the next request back until the answer is out.
final class DevVaultHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A certificate with its chain fits; a secret has 25 KB.
    static let maximumBody = 1 << 20

    private let dispatcher: DevVaultDispatcher
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(_ dispatcher: DevVaultDispatcher) {
        self.dispatcher = dispatcher
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isTooLarge = false
        case .body(let part):
            if body.count + part.readableBytes > Self.maximumBody {
                isTooLarge = true
                body = []
            } else if !isTooLarge {
                body += part.readableBytesView
            }
        case .end:
            guard let head else { return }
            self.head = nil
            let body = self.body
            self.body = []
            let exchange = DevVaultExchange(
                head: head, body: body, isTooLarge: isTooLarge, channel: context.channel, dispatcher: dispatcher)
            Task { await exchange.run() }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
