import Injector
import JSON
import VaultClient

/// One read of a ServiceAccount's annotations from the apiserver.
struct ServiceAccountFetch: Sendable {
    /// So that a caller who came during a read still gets the next one within ``ServiceAccountReader/callerTimeout``.
    private static let requestTimeout: Duration = .milliseconds(1500)
    private static let maximumResponseBytes = 4 << 20

    private let client: KubernetesClient
    private let log: Log

    /// How ServiceAccounts are read under a configuration.
    static func make(
        _ configuration: WebhookConfiguration.Kubernetes, environment: [String: String], log: Log
    ) -> ServiceAccountReader.Fetch {
        guard let endpoint = KubernetesEndpoint(configuration, environment: environment) else {
            log.write(.warning, "no apiserver to read ServiceAccounts from: not in a cluster, and no kubernetes.url")
            return { _ in .failure(.notConfigured) }
        }
        let fetch = ServiceAccountFetch(
            client: KubernetesClient(
                endpoint, timeout: requestTimeout, maximumResponseBytes: maximumResponseBytes), log: log)
        return { account in await fetch.read(account) }
    }

    /// Reads the account's annotations. Without a resourceVersion the read is as new as the apiserver's store.
    ///
    /// - Parameter account: its names must have been checked; they become part of the URL.
    private func read(_ account: ServiceAccountName) async -> Result<[String: String], KubernetesError> {
        do throws(KubernetesError) {
            let path = "/api/v1/namespaces/\(account.namespace)/serviceaccounts/\(account.name)"
            return .success(try ServiceAccountFetch.annotations(in: try await client.get(path)))
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

    private static func annotations(in body: SecretBytes) throws(KubernetesError) -> [String: String] {
        let document = body.withUnsafeBytes { bytes in
            try? JSONValue(parsing: bytes.bindMemory(to: UInt8.self))
        }
        guard let document, document["kind"]?.string == "ServiceAccount" else { throw .malformedAnswer }
        var annotations: [String: String] = [:]
        for member in document["metadata"]?["annotations"]?.object?.members ?? [] {
            annotations[member.name] = member.value.string
        }
        return annotations
    }
}
