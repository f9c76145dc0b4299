/// An HTTPS client on libcurl: HTTP/2 where the server offers it, connections kept and shared, no redirects, TLS 1.2 or
/// later with the server's name verified.
///
/// One background thread per client does all transfers; it starts with the first request.
public final class HTTPClient: Sendable {
    private let loop: TransferLoop
    private let requestTimeout: Duration

    /// A client; nothing is opened or read yet.
    public init(_ options: HTTPOptions) {
        loop = TransferLoop(options)
        requestTimeout = options.requestTimeout
    }

    deinit {
        loop.stop()
    }

    /// Sends a request and waits for the whole answer. Cancelling the task aborts the transfer.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let deadline = ContinuousClock.now + min(request.timeout ?? requestTimeout, requestTimeout)
        do throws(HTTPError) {
            return try await transfer(request)
        } catch {
            guard case .unknownHost(let host, false) = error else { throw error }
            let isDefinite = await NameLookup.confirmUnknown(host, within: deadline - .now)
            throw Task.isCancelled ? .cancelled : .unknownHost(host, isDefinite: isDefinite)
        }
    }

    /// Ends the background thread; transfers under way fail. Later requests fail, too.
    public func shutdown() {
        loop.stop()
    }

    private func transfer(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let id = loop.nextID()
        let result: Result<HTTPResponse, HTTPError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(id, request) { continuation.resume(returning: $0) }
                // The handler may have run before there was anything to cancel.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try result.get()
    }
}
