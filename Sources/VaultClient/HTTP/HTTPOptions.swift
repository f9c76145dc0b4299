/// How an ``HTTPClient`` works.
public struct HTTPOptions: Sendable {
    /// A PEM file of trusted CA certificates. It is read when a server's certificate asks for it, not before.
    public var caFile: String?
    /// A directory of trusted CA certificates under hashed names (`openssl rehash`), asked before ``caFile``: a look-up
    /// there reads one certificate instead of the whole list.
    public var caDirectory: String?
    /// PEM certificates that are trusted beside those.
    public var extraCABundle: String?
    /// How long a connection may take, TLS included.
    public var connectTimeout: Duration
    /// How long a whole request may take.
    public var requestTimeout: Duration
    /// The longest body that is taken, in bytes.
    public var maximumResponseBytes: Int
    /// How many connections one host gets at most.
    public var maximumConnectionsPerHost: Int
    /// The proxy; none unless given.
    public var proxy: ProxyOptions
    /// Which servers are spoken to, and how.
    public var reach: Reach
    /// Whether a redirect is an answer like any other instead of an error. It is never followed either way.
    package var answersRedirects = false

    /// Which servers a client speaks to.
    public enum Reach: Sendable {
        /// Every `https:` URL.
        case https
        /// Every `https:` and every `http:` URL: for a server that an operator says has no TLS, by a client of its own.
        case httpToo
        /// `http://127.0.0.1`, `localhost` or `[::1]` with a port, and nothing else: in the clear, never by a proxy.
        /// The answer's body is dropped, of which ``HTTPOptions/maximumResponseBytes`` are waited for.
        case loopback
    }

    /// Options.
    public init(
        caFile: String? = nil, caDirectory: String? = nil, extraCABundle: String? = nil,
        connectTimeout: Duration = .seconds(5), requestTimeout: Duration = .seconds(10),
        maximumResponseBytes: Int = 1 << 20, maximumConnectionsPerHost: Int = 4, proxy: ProxyOptions = ProxyOptions(),
        reach: Reach = .https
    ) {
        self.caFile = caFile
        self.caDirectory = caDirectory
        self.extraCABundle = extraCABundle
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.maximumResponseBytes = maximumResponseBytes
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.proxy = proxy
        self.reach = reach
    }
}
