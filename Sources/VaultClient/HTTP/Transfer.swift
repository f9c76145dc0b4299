internal import CCurl
internal import CCurlShim
internal import COpenSSL
internal import Glibc

/// One request under way: a libcurl easy handle and what it has received. Belongs to the thread of its engine.
final class Transfer {
    let id: UInt64
    /// The `CURL *`.
    let handle: UnsafeMutableRawPointer
    let completion: TransferLoop.Completion
    let origin: Origin
    private let trust: TrustStore
    private let limit: Int
    private let hasProxy: Bool
    private let answersRedirects: Bool
    private let requestBody: SecretBytes?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var head = ResponseHead()
    private let body = SecretBuffer()
    private var isTooLarge = false
    private let reach: HTTPOptions.Reach
    private var droppedBytes = 0

    init(
        id: UInt64, _ request: HTTPRequest, options: HTTPOptions, trust: TrustStore, share: UnsafeMutableRawPointer?,
        doubts: ConnectionDoubts, completion: @escaping TransferLoop.Completion
    ) throws(HTTPError) {
        reach = options.reach
        do throws(OriginProblem) {
            switch reach {
            case .https: origin = try Origin(url: request.url)
            case .httpToo: origin = try Origin(url: request.url, allowingPlainHTTP: true)
            case .loopback: origin = try Origin(loopbackURL: request.url)
            }
        } catch { throw .refused(error) }
        guard let handle = curl_easy_init() else { throw .invalidRequest(reason: "out of memory") }
        self.id = id
        self.handle = handle
        self.completion = completion
        self.trust = trust
        limit = options.maximumResponseBytes
        hasProxy = options.proxy.https != nil && reach != .loopback
        answersRedirects = options.answersRedirects
        requestBody = request.body.map(SecretBytes.init)

        setTarget(request)
        setSafety(options)
        setTimes(options, request)
        setProxy(reach == .loopback ? ProxyOptions() : options.proxy)
        setCallbacks()
        setReuse(doubts)
        if let share { lk_setopt_pointer(handle, CURLOPT_SHARE, share) }
        try setHeaders(request.headers)
    }

    deinit {
        curl_easy_cleanup(handle)
        // One of them may be the header with the token.
        var node = headerList
        while let current = node {
            if let text = current.pointee.data { OPENSSL_cleanse(text, strlen(text)) }
            node = current.pointee.next
        }
        curl_slist_free_all(headerList)
    }

    /// What came of it.
    func outcome(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        if isTooLarge { return .failure(.tooLarge(host: origin.host, limit: limit)) }
        if !isCut, let error = fault(code) { return .failure(error) }
        // 304 is no redirect, and nobody asks so that it could come.
        if !answersRedirects, 300..<400 ~= head.status, head.status != 304 {
            let host = head.value("location").flatMap { try? Origin(url: $0) }?.host
            return .failure(.redirected(status: head.status, host: host))
        }
        switch head.status {
        case 200...599: return .success(HTTPResponse(status: head.status, headers: head.fields, body: body.take()))
        default: return .failure(.malformed(host: origin.host))
        }
    }

    private func setTarget(_ request: HTTPRequest) {
        lk_setopt_pointer(handle, CURLOPT_URL, request.url)
        lk_setopt_long(handle, CURLOPT_PATH_AS_IS, 1)
        lk_setopt_pointer(handle, CURLOPT_USERAGENT, "latchkey")
        if let requestBody {
            lk_setopt_long(handle, CURLOPT_POST, 1)
            lk_setopt_long(handle, CURLOPT_POSTFIELDSIZE, requestBody.count)
            // Not copied: the bytes live as long as this object.
            _ = requestBody.withUnsafeBytes { lk_setopt_pointer(handle, CURLOPT_POSTFIELDS, $0.baseAddress) }
        }
        if request.method == "HEAD" {
            lk_setopt_long(handle, CURLOPT_NOBODY, 1)
        } else if request.method != (requestBody == nil ? "GET" : "POST") {
            lk_setopt_pointer(handle, CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private var protocols: String {
        switch reach {
        case .https: "https"
        case .httpToo: "http,https"
        case .loopback: "http"
        }
    }

    private func setSafety(_ options: HTTPOptions) {
        lk_setopt_pointer(handle, CURLOPT_PROTOCOLS_STR, protocols)
        lk_setopt_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        lk_setopt_long(handle, CURLOPT_NOSIGNAL, 1)
        // Without it the end of a transfer waits for the thread that still asks a name server which does not answer.
        lk_setopt_long(handle, CURLOPT_QUICK_EXIT, 1)
        lk_setopt_long(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        lk_setopt_long(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        lk_setopt_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        lk_setopt_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        // The trust store is ours; libcurl must not read its own default CA file.
        for option in [CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH] {
            lk_setopt_pointer(handle, option, nil)
        }
        lk_setopt_long(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        lk_setopt_long(handle, CURLOPT_PIPEWAIT, 1)
    }

    /// A connection on which a request got no answer is closed with that request, HTTP/2 included, which libcurl would go
    /// on using; see ``receiveHead(_:)``.
    private func setReuse(_ doubts: ConnectionDoubts) {
        lk_setopt_long(handle, CURLOPT_FORBID_REUSE, 1)
        if doubts.demandsFreshConnection(to: origin) { lk_setopt_long(handle, CURLOPT_FRESH_CONNECT, 1) }
        if let age = doubts.oldestConnection(to: origin, now: .now) {
            lk_setopt_long(handle, CURLOPT_MAXLIFETIME_CONN, age)
        }
    }

    private func setTimes(_ options: HTTPOptions, _ request: HTTPRequest) {
        let total = min(request.timeout ?? options.requestTimeout, options.requestTimeout)
        lk_setopt_long(handle, CURLOPT_TIMEOUT_MS, total.wholeMilliseconds)
        lk_setopt_long(handle, CURLOPT_CONNECTTIMEOUT_MS, min(options.connectTimeout, total).wholeMilliseconds)
    }

    private func setProxy(_ proxy: ProxyOptions) {
        // Empty texts keep libcurl from reading the environment by itself.
        lk_setopt_pointer(handle, CURLOPT_PROXY, proxy.https ?? "")
        lk_setopt_pointer(handle, CURLOPT_NOPROXY, proxy.exceptions ?? "")
        lk_setopt_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    private func setHeaders(_ headers: [(String, String)]) throws(HTTPError) {
        // "Expect: 100-continue" would cost a round trip for large bodies.
        headerList = curl_slist_append(nil, "Expect:")
        for (name, value) in headers {
            guard Self.isClean(name), Self.isClean(value) else {
                throw .invalidRequest(reason: "a header holds a control character")
            }
            headerList = curl_slist_append(headerList, "\(name): \(value)")
        }
        lk_setopt_pointer(handle, CURLOPT_HTTPHEADER, headerList)
    }

    private static func isClean(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private func setCallbacks() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        lk_setopt_pointer(handle, CURLOPT_WRITEDATA, me)
        lk_setopt_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, me in
            guard let me else { return 0 }
            return Unmanaged<Transfer>.fromOpaque(me).takeUnretainedValue().receive(
                UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        lk_setopt_pointer(handle, CURLOPT_HEADERDATA, me)
        lk_setopt_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, me in
            guard let me else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Unmanaged<Transfer>.fromOpaque(me).takeUnretainedValue().receiveHead(line)
        }
        lk_setopt_pointer(handle, CURLOPT_SSL_CTX_DATA, trust.rawPointer)
        lk_setopt_tls_callback(handle) { _, context, store in
            guard let context, let store else { return CURLE_SSL_CERTPROBLEM }
            SSL_CTX_set1_cert_store(OpaquePointer(context), OpaquePointer(store))
            return CURLE_OK
        }
    }

    /// How many bytes were taken; fewer than came abort the transfer.
    private func receiveHead(_ line: UnsafeRawBufferPointer) -> Int {
        guard head.take(line) else { return 0 }
        if head.status >= 200 { lk_setopt_long(handle, CURLOPT_FORBID_REUSE, 0) }
        return line.count
    }

    /// How many bytes were taken; fewer than came abort the transfer.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        if reach == .loopback {
            droppedBytes += bytes.count
            return isCut ? 0 : bytes.count
        }
        guard bytes.count <= limit - body.count else {
            isTooLarge = true
            return 0
        }
        body.append(bytes)
        return bytes.count
    }

    /// Whether a body that nobody wants was not waited for to its end.
    private var isCut: Bool { droppedBytes > limit }

    private func fault(_ code: CURLcode) -> HTTPError? {
        switch code {
        case CURLE_OK: nil
        case CURLE_COULDNT_RESOLVE_HOST: .unknownHost(origin.host, isDefinite: false)
        case CURLE_COULDNT_RESOLVE_PROXY: .unknownProxy
        case CURLE_COULDNT_CONNECT: connectFault
        case CURLE_OPERATION_TIMEDOUT where isStuckAtProxy: .notConnectedByProxy(origin.authority)
        case CURLE_OPERATION_TIMEDOUT: .timeout(host: origin.authority)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: .tls(host: origin.authority, verificationFault)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER:
            .tls(host: origin.authority, verification == X509_V_OK ? .handshake : verificationFault)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            .malformed(host: origin.authority)
        case CURLE_RECV_ERROR where (proxyStatus ?? 200) >= 300: .proxyRefused(status: proxyStatus)
        case CURLE_PROXY: .proxyRefused(status: proxyStatus)
        default: .connectionLost(host: origin.authority)
        }
    }

    private var connectFault: HTTPError {
        guard let status = proxyStatus else {
            return isStuckAtProxy ? .notConnectedByProxy(origin.authority) : .notConnected(origin.authority)
        }
        return status >= 300 ? .proxyRefused(status: status) : .notConnected(origin.authority)
    }

    /// Whether a proxy is configured and nothing has answered: neither it nor, where it is left out, the host.
    private var isStuckAtProxy: Bool {
        hasProxy && proxyStatus == nil && head.status == 0
    }

    /// The proxy's answer to CONNECT, where there was one.
    private var proxyStatus: Int? {
        var status = 0
        return lk_getinfo_long(handle, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK && status > 0 ? status : nil
    }

    /// What OpenSSL found of the server's certificate. libcurl says "unspecified" before it has come to that, and still
    /// after the chain was found to be good where the name then was not.
    private var verification: Int32 {
        var result = 0
        lk_getinfo_long(handle, CURLINFO_SSL_VERIFYRESULT, &result)
        return result == X509_V_ERR_UNSPECIFIED ? X509_V_OK : Int32(truncatingIfNeeded: result)
    }

    private var verificationFault: HTTPError.TLSFault {
        switch verification {
        case X509_V_OK, X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .hostMismatch
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        default: .untrusted(unreadableCAFile: trust.unreadableFile)
        }
    }
}

extension Duration {
    /// Milliseconds, at least one, at most a day.
    fileprivate var wholeMilliseconds: Int {
        let limited = min(max(self, .milliseconds(1)), .seconds(86_400))
        return Int(limited.components.seconds) * 1000 + Int(limited.components.attoseconds / 1_000_000_000_000_000)
    }
}
