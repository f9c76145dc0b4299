/// An ``HTTPClient`` that sends to nowhere but the origins of a policy. Whoever holds a credential sends it with this.
struct RestrictedHTTPClient: Sendable {
    private let client: HTTPClient
    /// Where requests may go.
    let policy: OriginPolicy

    init(_ client: HTTPClient, policy: OriginPolicy) {
        self.client = client
        self.policy = policy
    }

    /// Sends a request; one to another origin fails before anything leaves.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        do { try policy.check(request.url) } catch { throw .refused(error) }
        return try await client.send(request)
    }
}
