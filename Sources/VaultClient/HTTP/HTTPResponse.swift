/// An answer. Redirects get here only where a client asks for it; else they are ``HTTPError/redirected(status:host:)``.
public struct HTTPResponse: Sendable {
    /// The status code.
    public let status: Int
    /// The headers in their order; names as sent.
    public let headers: [(name: String, value: String)]
    /// The body, which may be a secret.
    public let body: SecretBytes

    /// A response.
    public init(status: Int, headers: [(name: String, value: String)], body: SecretBytes) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// Every value of a header, whatever the case of its name.
    public func headers(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }
}
