import JSON
import NIOCore
import NIOHTTP1

/// One request on its way to its answer, off the event loop.
struct DevVaultExchange: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    let isTooLarge: Bool
    let channel: any Channel
    let dispatcher: DevVaultDispatcher

    func run() async { write(await outcome()) }

    private func outcome() async -> DevVaultOutcome {
        if isTooLarge {
            let fault = KeyVaultFault(413, "RequestEntityTooLarge", "The request's body is too large.")
            return .answer(DevVaultResponse(fault))
        }
        var headers: [(name: String, value: String)] = []
        for header in head.headers { headers.append((header.name, header.value)) }
        let request = DevVaultRequest(
            method: head.method.rawValue, target: head.uri, headers: headers, body: body)
        guard let request else { return .answer(DevVaultResponse(.badParameter("The request URI is malformed."))) }
        return await dispatcher.answer(request)
    }

    private func write(_ outcome: DevVaultOutcome) {
        let response: DevVaultResponse
        var isTruncated = false
        switch outcome {
        case .reset:
            channel.close(promise: nil)
            return
        case .truncated(let whole):
            response = whole
            isTruncated = true
        case .answer(let whole): response = whole
        }
        var answer = HTTPResponseHead(version: .http1_1, status: .init(statusCode: response.status))
        for header in response.headers { answer.headers.add(name: header.name, value: header.value) }
        if let body = response.body {
            answer.headers.replaceOrAdd(name: "Content-Type", value: "application/json; charset=utf-8")
            answer.headers.replaceOrAdd(name: "Content-Length", value: String(body.count))
        }
        if !head.isKeepAlive { answer.headers.replaceOrAdd(name: "Connection", value: "close") }
        channel.write(HTTPServerResponsePart.head(answer), promise: nil)
        if let body = response.body, head.method != .HEAD {
            let part = isTruncated ? body.prefix(body.count / 2) : body[...]
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: part))), promise: nil)
        }
        if isTruncated {
            channel.flush()
            channel.close(promise: nil)
            return
        }
        let done = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if !head.isKeepAlive { done.whenComplete { [channel] _ in channel.close(promise: nil) } }
    }
}
