/// A request, over HTTPS unless the client is for the loopback.
public struct HTTPRequest: Sendable {
    /// `GET`, `POST`, ...
    public var method: String
    /// An `https:` URL, or what ``HTTPOptions/Reach`` allows instead.
    public var url: String
    /// Names and values without line breaks.
    public var headers: [(String, String)]
    /// The body, if any.
    public var body: [UInt8]?
    /// How long it may take; nil for the client's own limit. The shorter of the two counts.
    public var timeout: Duration?

    /// A request.
    public init(
        method: String = "GET", url: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        timeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}
