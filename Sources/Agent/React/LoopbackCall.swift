import SecretSpec
import VaultClient

/// One HTTP request to the pod's own loopback: plain, without proxy, redirects not followed, the answer's body dropped.
struct LoopbackCall: Sendable {
    static let timeout = Duration.seconds(10)

    private let request: AgentPlan.LoopbackRequest
    private let timeout: Duration

    init(_ request: AgentPlan.LoopbackRequest, timeout: Duration = Self.timeout) {
        self.request = request
        self.timeout = timeout
    }

    /// Returns where the status is the one that was asked for.
    func run() async throws(ReactionError) {
        // One client per call: its thread ends with it, and calls are rare.
        let client = HTTPClient(HTTPOptions(requestTimeout: timeout, maximumResponseBytes: 64 << 10, reach: .loopback))
        defer { client.shutdown() }
        let status: Int
        do throws(HTTPError) {
            // Servers want a length with these methods, of which libcurl makes a form unless told otherwise.
            let hasBody = !["GET", "HEAD", "DELETE"].contains(request.method)
            status = try await client.send(
                HTTPRequest(
                    method: request.method, url: request.url, headers: hasBody ? [("Content-Type", "")] : [],
                    body: hasBody ? [] : nil)
            ).status
        } catch {
            guard case .redirected(let code, _) = error else { throw .request(error) }
            status = code
        }
        let isExpected = request.status.map { $0 == status } ?? (200...299 ~= status)
        guard isExpected else { throw .status(status, expected: request.status) }
    }
}
