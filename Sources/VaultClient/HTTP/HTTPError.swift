/// Why there is no answer. Hosts are shown, paths, headers and bodies never.
public enum HTTPError: Error, Equatable, Sendable {
    /// The request cannot be sent as it is.
    case invalidRequest(reason: String)
    /// Credentials may not go to the URL.
    case refused(OriginProblem)
    /// The client's own TLS configuration is not usable.
    case trustStore(reason: String)
    /// The name is not known; `isDefinite` where DNS answered so, and not where DNS did not answer.
    case unknownHost(String, isDefinite: Bool)
    /// The proxy's name is not known.
    case unknownProxy
    /// No connection to host and port.
    case notConnected(String)
    /// No connection to host and port, or no answer in time, where a proxy is configured and none has answered.
    case notConnectedByProxy(String)
    /// The proxy was reached and refused to connect, with this status where it gave one.
    case proxyRefused(status: Int?)
    /// The server's certificate is not trusted, or TLS failed otherwise.
    case tls(host: String, TLSFault)
    /// No answer in time.
    case timeout(host: String)
    /// The connection broke in the middle.
    case connectionLost(host: String)
    /// The answer is longer than the limit, in bytes.
    case tooLarge(host: String, limit: Int)
    /// A redirect, which is never followed; `host` is where it wanted to go, if that can be told.
    case redirected(status: Int, host: String?)
    /// The answer is not HTTP.
    case malformed(host: String)
    /// The caller's task was cancelled.
    case cancelled
    /// The client was shut down.
    case shutDown

    /// What is wrong with TLS.
    public enum TLSFault: Equatable, Sendable {
        /// No trusted CA vouches for the certificate. `unreadable` names the CA file that could not be read.
        case untrusted(unreadableCAFile: String?)
        /// The certificate is for another host.
        case hostMismatch
        /// The certificate's time is over.
        case expired
        /// The certificate's time has not come.
        case notYetValid
        /// No common protocol version or cipher, or no TLS at all.
        case handshake
    }

    /// Whether another try may succeed without anybody changing anything.
    public var isTransient: Bool {
        switch self {
        case .unknownHost(_, let isDefinite): !isDefinite
        case .notConnected, .notConnectedByProxy, .timeout, .connectionLost, .unknownProxy: true
        case .proxyRefused(let status): status.map { $0 >= 500 || $0 == 429 } ?? true
        case .tls(_, let fault): fault == .handshake
        default: false
        }
    }
}

extension HTTPError: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
        case .refused(let problem): "the request is not sent: \(problem)"
        case .trustStore(let reason): "the CA certificates are not usable: \(reason)"
        case .unknownHost(let host, true): "DNS knows no host \(host)"
        case .unknownHost(let host, false): "the name \(host) could not be resolved: DNS does not answer"
        case .unknownProxy: "the name of the proxy (HTTPS_PROXY) could not be resolved"
        case .notConnected(let authority): "no connection to \(authority): refused or unreachable"
        case .notConnectedByProxy(let authority):
            "no connection to \(authority) by way of the proxy: look whether HTTPS_PROXY (agent.proxy.https) is a proxy "
                + "that answers, and whether NO_PROXY (agent.proxy.exceptions) should name the host"
        case .proxyRefused(let status?): "the proxy (HTTPS_PROXY) refused to connect with status \(status)"
        case .proxyRefused(nil): "the proxy (HTTPS_PROXY) did not connect"
        case .tls(let host, let fault): "TLS with \(host) failed: \(fault)"
        case .timeout(let host): "\(host) did not answer in time"
        case .connectionLost(let host): "the connection to \(host) broke before the answer was complete"
        case .tooLarge(let host, let limit): "the answer of \(host) is larger than \(limit) bytes"
        case .redirected(let status, let host):
            "the server answered with a redirect (\(status)) to \(host ?? "another place"); redirects are not followed"
        case .malformed(let host): "\(host) does not speak HTTP as expected"
        case .cancelled: "the request was cancelled"
        case .shutDown: "the HTTP client was shut down"
        }
    }
}

extension HTTPError.TLSFault: CustomStringConvertible {
    /// Part of a sentence, with the remedy.
    public var description: String {
        switch self {
        case .untrusted(let file?): "the CA file \(file) could not be read, and nothing else vouches for the server"
        case .untrusted(nil):
            "no trusted CA vouches for the server's certificate; add its CA to the operator's caBundle"
        case .hostMismatch: "the server's certificate is for another host"
        case .expired: "the server's certificate has expired, or this machine's clock is ahead"
        case .notYetValid: "the server's certificate is not valid yet, or this machine's clock is behind"
        case .handshake: "no common version (1.2 or later) or cipher, or no TLS at all on that port"
        }
    }
}
