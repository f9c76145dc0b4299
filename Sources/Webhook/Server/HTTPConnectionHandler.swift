import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One connection's requests, one after the other, with every bound that ``ServerLimits`` names.
///
/// Parts that arrive while a request is being answered wait in `backlog`, and nothing more is read from the socket.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case waiting
        case body(BodyCollector)
        /// A request that is answered by its head; its end is awaited.
        case end(HTTPAnswer)
        case answering
        case writing
        /// Answered for the last time; what comes is thrown away.
        case discarding
        case closed
    }

    private let environment: ListenerEnvironment
    private let connection: Connection
    private var state = State.waiting
    private var backlog = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var parserError: HTTPParserError?
    private var isReadHeld = false
    private var label = "none"
    private var closesAfterAnswer = false
    private var isHead = false

    private var limits: ServerLimits { environment.limits }

    init(_ connection: Connection, environment: ListenerEnvironment) {
        self.connection = connection
        self.environment = environment
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch state {
        case .answering, .writing: backlog.append(part)
        case .discarding, .closed: break
        case .waiting, .body, .end: process(part, context)
        }
    }

    func read(context: ChannelHandlerContext) {
        switch state {
        case .answering, .writing: isReadHeld = true
        default: context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        releaseBody()
        state = .closed
        backlog.removeAll()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { releaseBody() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ConnectionExpired else { return context.fireUserInboundEventTriggered(event) }
        let phase = connection.phase
        // It may have gone on since it was looked at.
        guard connection.deadline <= MonotonicTime.now(), phase != .answering else { return }
        if phase == .body {
            environment.metrics.connectionsClosed.increment(phase.timeoutReason)
            refuse(.failure(408, "the body did not arrive within \(DurationText.format(limits.bodyTimeout))"), context)
            return
        }
        if phase != .lingering { environment.metrics.connectionsClosed.increment(phase.timeoutReason) }
        connection.abort()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error, state) {
        case (let error as HTTPParserError, .answering), (let error as HTTPParserError, .writing):
            parserError = error
        case (let error as HTTPParserError, .waiting), (let error as HTTPParserError, .body),
            (let error as HTTPParserError, .end):
            refuse(error, context)
        case (is HTTPParserError, _):
            break
        default:
            let isTLS = error is NIOSSLError || error is BoringSSLError
            if isTLS, connection.phase == .opening { environment.metrics.handshakeFailures.increment() }
            context.close(promise: nil)
        }
    }

    // MARK: Requests

    private func process(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head): begin(head, context)
        case .body(let bytes): receive(bytes, context)
        case .end: finish(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        label = environment.router.label(ofPath: head.path)
        isHead = head.method == .HEAD
        // After a request to change the protocol the decoder reads no further.
        closesAfterAnswer =
            !head.isKeepAlive || head.version != .http1_1 || head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        let hasBody = (length ?? 0) > 0 || head.headers.contains(name: "transfer-encoding")
        switch environment.router.plan(for: head) {
        case .answer(let answer):
            if hasBody { return refuse(answer, context) }
            state = .end(answer)
        case .review:
            if let length, length > limits.maximumBodyBytes { return refuse(tooLarge, context) }
            if !acceptExpectation(head, context) { return }
            connection.enter(.body, timeout: limits.bodyTimeout.wholeNanoseconds)
            state = .body(BodyCollector(announced: length, limits: limits, budget: environment.budget))
        }
    }

    private func acceptExpectation(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard let expectation = head.headers.first(name: "expect"), head.version == .http1_1 else { return true }
        guard expectation.lowercased() == "100-continue" else {
            refuse(.failure(417, "the only expectation that is met is 100-continue"), context)
            return false
        }
        var interim = context.channel.allocator.buffer(capacity: 32)
        interim.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(interim), promise: nil)
        return true
    }

    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .body(var body) = state else { return }
        // The collector must have one owner while it grows.
        state = .waiting
        do throws(BodyCollector.Refusal) {
            try body.append(bytes)
            state = .body(body)
        } catch {
            body.release()
            switch error {
            case .tooLarge: refuse(tooLarge, context)
            case .busy: refuse(.failure(503, "too many large reviews are being received; try again"), context)
            }
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        switch state {
        case .body(let body):
            state = .answering
            connection.enter(.answering, timeout: limits.idleTimeout.wholeNanoseconds)
            decide(body, context)
        case .end(let answer):
            state = .answering
            send(answer, context)
        default: break
        }
    }

    /// The body's part of the budget is given back when it has been read, not when it has arrived: large ones wait for
    /// one thread.
    private func decide(_ body: BodyCollector, _ context: ChannelHandlerContext) {
        let router = environment.router
        var body = body
        let bytes = body.bytes
        if bytes.count > limits.inlineBodyBytes {
            let step = environment.threads.runIfActive(eventLoop: context.eventLoop) { router.review(bytes) }
            let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            step.whenComplete { [body] result in
                var body = body
                body.release()
                let (handler, context) = handler.value
                switch result {
                case .success(let step): handler.proceed(step, context)
                case .failure: handler.send(.failure(503, "the webhook is shutting down"), context)
                }
            }
            return
        }
        body.release()
        proceed(router.review(bytes), context)
    }

    private func proceed(_ step: ReviewStep, _ context: ChannelHandlerContext) {
        switch step {
        case .answer(let answer): send(answer, context)
        case .pending(let work):
            let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            Task {
                let answer = await work()
                loop.execute {
                    let (handler, context) = handler.value
                    handler.send(answer, context)
                }
            }
        }
    }

    // MARK: Answers

    private func send(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        guard case .answering = state else { return }
        let closes = closesAfterAnswer || environment.isDraining
        state = .writing
        if answer.status == 200, label == AdmissionRouter.path { connection.prove() }
        write(answer, closes: closes, context) { handler, context in
            if closes {
                handler.state = .closed
                context.close(promise: nil)
            } else {
                handler.next(context)
            }
        }
    }

    /// Answers before the request has ended, for the last time on this connection.
    private func refuse(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        releaseBody()
        state = .discarding
        write(answer, closes: true, context) { handler, _ in
            // What the client still sends must be read: the kernel answers unread bytes with a reset, and a client that
            // gets one may never see the answer.
            handler.connection.enter(.lingering, timeout: handler.limits.lingerTimeout.wholeNanoseconds)
        }
    }

    private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        label = "none"
        isHead = false
        switch error {
        case .headerOverflow:
            let size = QuantityText.format(limits.maximumHeadBytes)
            refuse(.failure(431, "the head has more than \(size) or \(limits.maximumHeaderCount) fields"), context)
        default:
            refuse(.failure(400, "the request is not HTTP/1.1"), context)
        }
    }

    private func write(
        _ answer: HTTPAnswer, closes: Bool, _ context: ChannelHandlerContext,
        then: @escaping (HTTPConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        environment.metrics.requests.increment(label, String(answer.status))
        connection.enter(.writing, timeout: limits.writeTimeout.wholeNanoseconds)
        let buffer = answer.encoded(closes: closes, withoutBody: isHead, allocator: context.channel.allocator)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess {
            if case .closed = self.state { return }
            then(self, context)
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: written)
    }

    private func next(_ context: ChannelHandlerContext) {
        state = .waiting
        connection.enter(
            backlog.isEmpty ? .idle : .head,
            timeout: (backlog.isEmpty ? limits.idleTimeout : limits.headTimeout).wholeNanoseconds)
        while let part = backlog.popFirst() {
            process(part, context)
            switch state {
            case .answering, .writing: return
            case .discarding, .closed: backlog.removeAll()
            case .waiting, .body, .end: break
            }
        }
        if let error = parserError, case .waiting = state {
            parserError = nil
            return refuse(error, context)
        }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    private func releaseBody() {
        guard case .body(var body) = state else { return }
        state = .waiting
        body.release()
    }

    private var tooLarge: HTTPAnswer {
        .failure(413, "the body is larger than \(QuantityText.format(limits.maximumBodyBytes))")
    }
}
