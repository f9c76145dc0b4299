internal import Glibc

extension VaultClient {
    /// How a client works. What it does not set, the environment and the image do.
    public struct Options: Sendable {
        /// A PEM file of trusted CA certificates, read only where a server's certificate asks for it.
        /// Default: `SSL_CERT_FILE`, else `/etc/ssl/certs/ca-certificates.crt`.
        public var caFile: String?
        /// A directory of CA certificates under hashed names, asked before the file. Default: `SSL_CERT_DIR`.
        public var caDirectory: String?
        /// How many objects are fetched at a time.
        public var maximumConcurrency = 8
        /// How many connections one host gets at most where it does not speak HTTP/2. Each costs a TLS handshake, about
        /// a millisecond of CPU.
        public var maximumConnectionsPerHost = 4
        /// How long one request may take.
        public var requestTimeout: Duration = .seconds(10)
        /// How long a connection may take, TLS included.
        public var connectTimeout: Duration = .seconds(5)
        /// The longest answer that is taken, in bytes.
        public var maximumResponseBytes = 1 << 20
        /// When transient faults are tried again.
        public var retryPolicy = RetryPolicy()
        /// The proxy. Default: `HTTPS_PROXY` and `NO_PROXY`, upper or lower case.
        public var proxy: ProxyOptions

        /// The defaults.
        /// - Parameter environment: environment variables; nil for the process's own.
        public init(environment: [String: String]? = nil) {
            let environment = environment ?? Self.processEnvironment
            caFile = environment["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt"
            caDirectory = environment["SSL_CERT_DIR"]
            proxy = ProxyOptions(environment: environment)
        }

        private static var processEnvironment: [String: String] {
            let names = ["SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]
            return names.reduce(into: [:]) { result, name in
                result[name] = getenv(name).map { String(cString: $0) }
            }
        }

        func http(caBundle: String?) -> HTTPOptions {
            HTTPOptions(
                caFile: caFile, caDirectory: caDirectory, extraCABundle: caBundle, connectTimeout: connectTimeout,
                requestTimeout: requestTimeout, maximumResponseBytes: maximumResponseBytes,
                maximumConnectionsPerHost: maximumConnectionsPerHost, proxy: proxy)
        }
    }
}
