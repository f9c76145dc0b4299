internal import CCurl
internal import CCurlShim
internal import Glibc

/// libcurl's multi handle with the transfers under way. Belongs to one thread.
final class TransferEngine {
    /// The `CURLM *`; nil where libcurl could not make one.
    let multi: UnsafeMutableRawPointer?
    private let share: UnsafeMutableRawPointer?
    private let options: HTTPOptions
    private let trust: Result<TrustStore, HTTPError>
    private var transfers: [UInt64: Transfer] = [:]
    private var doubts = ConnectionDoubts()

    init(_ options: HTTPOptions) {
        self.options = options
        multi = curl_multi_init()
        share = curl_share_init()
        trust = Result { () throws(HTTPError) in try TrustStore(options) }
        // Connections that are opened side by side resume one TLS session instead of negotiating one each.
        if let share { lk_share_setopt_long(share, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue)) }
        if let multi {
            lk_multi_setopt_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
            lk_multi_setopt_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, options.maximumConnectionsPerHost)
        }
    }

    deinit {
        abortAll(with: .shutDown)
        if let multi { curl_multi_cleanup(multi) }
        if let share { curl_share_cleanup(share) }
    }

    /// Begins a transfer.
    func start(_ id: UInt64, _ request: HTTPRequest, completion: @escaping TransferLoop.Completion) {
        do throws(HTTPError) {
            guard let multi else { throw .invalidRequest(reason: "libcurl could not be started") }
            let transfer = try Transfer(
                id: id, request, options: options, trust: try trust.get(), share: share, doubts: doubts,
                completion: completion)
            guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                throw .invalidRequest(reason: "libcurl does not take it")
            }
            transfers[id] = transfer
        } catch {
            completion(.failure(error))
        }
    }

    /// Moves data until there is something else to do: a transfer is over, time has passed, or somebody woke us up.
    func work() {
        guard let multi else {
            poll(nil, 0, 1000)
            return
        }
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var isAnyOver = false
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = lk_message_result(message)
            guard let transfer = transfers.first(where: { $0.value.handle == handle })?.value else { continue }
            finish(transfer, transfer.outcome(code))
            isAnyOver = true
        }
        if !isAnyOver { curl_multi_poll(multi, nil, 0, 60_000, nil) }
    }

    /// Ends one transfer early.
    func abort(_ id: UInt64, with error: HTTPError) {
        if let transfer = transfers[id] { finish(transfer, .failure(error)) }
    }

    /// Ends every transfer early.
    func abortAll(with error: HTTPError) {
        for transfer in transfers.values { finish(transfer, .failure(error)) }
    }

    private func finish(_ transfer: Transfer, _ result: Result<HTTPResponse, HTTPError>) {
        curl_multi_remove_handle(multi, transfer.handle)
        transfers[transfer.id] = nil
        doubts.learn(result, of: transfer.origin, now: .now)
        transfer.completion(result)
    }
}
