import Injector
import JSON
import VaultClient
import SecretSpec

/// Asks the apiserver for one ServiceAccount.
struct KubernetesClient: Sendable {
    /// So that a caller who came during a read still gets the next one within ``ServiceAccountReader/callerTimeout``.
    private static let requestTimeout: Duration = .milliseconds(1500)

    private let endpoint: KubernetesEndpoint
    private let client: HTTPClient
    private let log: Log

    init(_ endpoint: KubernetesEndpoint, log: Log) {
        self.endpoint = endpoint
        self.log = log
        client = HTTPClient(
            HTTPOptions(
                caFile: endpoint.caFile, connectTimeout: KubernetesClient.requestTimeout,
                requestTimeout: KubernetesClient.requestTimeout, maximumResponseBytes: 4 << 20))
    }

    /// How ServiceAccounts are read under a configuration.
    static func fetch(
        _ configuration: WebhookConfiguration.Kubernetes, environment: [String: String], log: Log
    ) -> ServiceAccountReader.Fetch {
        guard let endpoint = KubernetesEndpoint(configuration, environment: environment) else {
            log.write(.warning, "no apiserver to read ServiceAccounts from: not in a cluster, and no kubernetes.url")
            return { _ in
                .failure(.notConfigured("it runs outside of a cluster and its configuration has no kubernetes.url"))
            }
        }
        let client = KubernetesClient(endpoint, log: log)
        return { account in await client.read(account) }
    }

    /// Reads the account's annotations. Without a resourceVersion the read is as new as the apiserver's store.
    ///
    /// - Parameter account: its names must have been checked; they become part of the URL.
    private func read(_ account: ServiceAccountName) async -> Result<[String: String], ServiceAccountError> {
        do throws(ServiceAccountError) {
            return .success(try await annotations(of: account))
        } catch {
            log.write(
                .warning, "ServiceAccount not read",
                [
                    ("namespace", .text(account.namespace)), ("name", .text(account.name)),
                    ("reason", .text(error.outcome)), ("detail", .text(error.detail)),
                ])
            return .failure(error)
        }
    }

    private func annotations(of account: ServiceAccountName) async throws(ServiceAccountError) -> [String: String] {
        var headers = [("Accept", "application/json"), ("User-Agent", "latchkey-webhook/\(Release.version)")]
        if let token = try token() { headers.append(("Authorization", "Bearer \(token)")) }
        let url = "\(endpoint.origin)/api/v1/namespaces/\(account.namespace)/serviceaccounts/\(account.name)"
        let response: HTTPResponse
        do {
            response = try await client.send(HTTPRequest(url: url, headers: headers))
        } catch {
            throw KubernetesClient.failure(error)
        }
        switch response.status {
        case 200: return try KubernetesClient.annotations(in: response)
        case 401: throw .unauthorized
        case 403: throw .forbidden
        case 404: throw .notFound
        default: throw .status(response.status)
        }
    }

    private func token() throws(ServiceAccountError) -> String? {
        guard let path = endpoint.tokenFile else { return nil }
        guard let bytes = try? SmallFile.read(path) else { throw .unauthorized }
        let text = bytes.split(whereSeparator: { $0 <= 0x20 }).first.map { String(decoding: $0, as: UTF8.self) }
        guard let text, text.utf8.allSatisfy({ $0 < 0x7F }) else { throw .unauthorized }
        return text
    }

    private static func annotations(in response: HTTPResponse) throws(ServiceAccountError) -> [String: String] {
        let document = response.body.withUnsafeBytes { bytes in
            try? JSONValue(parsing: bytes.bindMemory(to: UInt8.self))
        }
        guard let document, document["kind"]?.string == "ServiceAccount" else { throw .malformedAnswer }
        var annotations: [String: String] = [:]
        for member in document["metadata"]?["annotations"]?.object?.members ?? [] {
            annotations[member.name] = member.value.string
        }
        return annotations
    }

    private static func failure(_ error: HTTPError) -> ServiceAccountError {
        switch error {
        case .timeout, .cancelled: .timeout
        case .malformed, .tooLarge, .redirected: .malformedAnswer
        default: .unreachable(error.description)
        }
    }
}
