import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A GET over HTTP/1.1, one connection each, bounded in time and size; redirects are not followed.
struct HTTPDocumentFetcher: DocumentFetcher {
    let group: any EventLoopGroup

    static let maximumBody = 1 << 20
    static let timeout = TimeAmount.seconds(10)

    func fetch(_ url: String, caFile: String?, bearerTokenFile: String?) async -> JSONValue? {
        guard let target = Target(url) else { return nil }
        var token: String?
        if let bearerTokenFile {
            guard let bytes = try? PlainFile.read(bearerTokenFile, limit: 65536) else { return nil }
            token = String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
        }
        guard let bytes = try? await get(target, caFile: caFile, token: token) else { return nil }
        return try? JSONValue(parsing: bytes)
    }

    /// An address taken apart.
    struct Target {
        let isTLS: Bool
        let host: String
        let port: Int
        let authority: String
        let path: String

        init?(_ url: String) {
            let rest: Substring
            if url.hasPrefix("https://") {
                isTLS = true
                rest = url.dropFirst(8)
            } else if url.hasPrefix("http://") {
                isTLS = false
                rest = url.dropFirst(7)
            } else {
                return nil
            }
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<end])
            path = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
            guard !authority.contains("@"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
                host = String(authority[authority.index(after: authority.startIndex)..<close])
                let tail = authority[authority.index(after: close)...]
                guard let number = tail.isEmpty ? (isTLS ? 443 : 80) : Int(tail.dropFirst()) else { return nil }
                port = number
            } else {
                let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
                guard let first = parts.first, !first.isEmpty, parts.count <= 2,
                    let number = parts.count == 2 ? Int(parts[1]) : (isTLS ? 443 : 80)
                else { return nil }
                host = String(first)
                port = number
            }
        }

        /// An address has no name that SNI could carry.
        var isAddress: Bool { host.contains(":") || host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) } }
    }

    private func get(_ target: Target, caFile: String?, token: String?) async throws -> [UInt8] {
        let context: NIOSSLContext?
        if target.isTLS {
            var tls = TLSConfiguration.makeClientConfiguration()
            if let caFile { tls.trustRoots = .file(caFile) }
            context = try NIOSSLContext(configuration: tls)
        } else {
            context = nil
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path)
        head.headers.add(name: "Host", value: target.authority)
        // A kube-apiserver refuses (406) to send its keys to whom names JSON alone.
        head.headers.add(name: "Accept", value: "application/json, application/jwk-set+json")
        head.headers.add(name: "Connection", value: "close")
        if let token { head.headers.add(name: "Authorization", value: "Bearer " + token) }
        let request = head
        let result = group.any().makePromise(of: [UInt8].self)
        let bootstrap = ClientBootstrap(group: group).connectTimeout(Self.timeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let context {
                    let handler = try NIOSSLClientHandler(
                        context: context, serverHostname: target.isAddress ? nil : target.host)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(DocumentReader(request: request, result: result))
            }
        }
        bootstrap.connect(host: target.host, port: target.port).whenFailure { result.fail($0) }
        return try await result.futureResult.get()
    }
}

/// Sends the request and collects the answer's body.
private final class DocumentReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    struct Failure: Error {}

    private let request: HTTPRequestHead
    private let result: EventLoopPromise<[UInt8]>
    private var body: [UInt8] = []
    private var isGood = false
    private var isDone = false
    private var timer: Scheduled<Void>?

    init(request: HTTPRequestHead, result: EventLoopPromise<[UInt8]>) {
        self.request = request
        self.result = result
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: HTTPDocumentFetcher.timeout) { channel.close(promise: nil) }
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): isGood = head.status == .ok
        case .body(let part):
            guard body.count + part.readableBytes <= HTTPDocumentFetcher.maximumBody else {
                finish(nil, context)
                return
            }
            body += part.readableBytesView
        case .end: finish(isGood ? body : nil, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(nil, context) }

    func channelInactive(context: ChannelHandlerContext) { finish(nil, context) }

    private func finish(_ bytes: [UInt8]?, _ context: ChannelHandlerContext) {
        guard !isDone else { return }
        isDone = true
        timer?.cancel()
        if let bytes { result.succeed(bytes) } else { result.fail(Failure()) }
        context.close(promise: nil)
    }
}
