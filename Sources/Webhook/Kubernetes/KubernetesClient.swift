import SecretSpec
import VaultClient

/// Sends GET requests to the apiserver, with the webhook's own token.
struct KubernetesClient: Sendable {
    private let endpoint: KubernetesEndpoint
    private let client: HTTPClient

    /// - Parameters:
    ///   - timeout: of a whole request.
    ///   - maximumResponseBytes: what is longer is ``KubernetesError/malformedAnswer``.
    init(_ endpoint: KubernetesEndpoint, timeout: Duration, maximumResponseBytes: Int) {
        self.endpoint = endpoint
        client = HTTPClient(
            HTTPOptions(
                caFile: endpoint.caFile, connectTimeout: timeout, requestTimeout: timeout,
                maximumResponseBytes: maximumResponseBytes))
    }

    /// The body of a 200.
    ///
    /// - Parameter path: from the root, with its query; its parts must have been checked.
    func get(_ path: String) async throws(KubernetesError) -> SecretBytes {
        var headers = [("Accept", "application/json"), ("User-Agent", "latchkey-webhook/\(Release.version)")]
        if let token = try token() { headers.append(("Authorization", "Bearer \(token)")) }
        let response: HTTPResponse
        do {
            response = try await client.send(HTTPRequest(url: endpoint.origin + path, headers: headers))
        } catch {
            throw KubernetesClient.failure(error)
        }
        switch response.status {
        case 200: return response.body
        case 401: throw .unauthorized
        case 403: throw .forbidden
        case 404: throw .notFound
        default: throw .status(response.status)
        }
    }

    private func token() throws(KubernetesError) -> String? {
        guard let path = endpoint.tokenFile else { return nil }
        guard let bytes = try? SmallFile.read(path) else { throw .unauthorized }
        let text = bytes.split(whereSeparator: { $0 <= 0x20 }).first.map { String(decoding: $0, as: UTF8.self) }
        guard let text, text.utf8.allSatisfy({ $0 < 0x7F }) else { throw .unauthorized }
        return text
    }

    private static func failure(_ error: HTTPError) -> KubernetesError {
        switch error {
        case .timeout, .cancelled: .timeout
        case .malformed, .tooLarge, .redirected: .malformedAnswer
        default: .unreachable(error.description)
        }
    }
}
