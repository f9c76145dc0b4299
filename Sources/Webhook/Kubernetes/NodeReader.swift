import JSON
import VaultClient

/// Reads the kubelets' versions from the cluster's nodes.
struct NodeReader: Sendable {
    /// Nodes are large (images, managed fields: some 30 KiB each), so pages are small.
    private static let pageSize = 100
    /// Ten times the nodes that Kubernetes supports in a cluster.
    private static let maximumPages = 500
    private static let maximumResponseBytes = 16 << 20
    private static let requestTimeout: Duration = .seconds(10)
    /// The apiserver's own tokens have some 100 bytes.
    private static let maximumTokenBytes = 4096

    private static let projection = JSONProjection.only([
        "kind": .everything,
        "metadata": .only(["continue": .everything]),
        "items": .only(["status": .only(["nodeInfo": .only(["kubeletVersion": .everything])])]),
    ])

    private let client: KubernetesClient

    /// A reader of this apiserver's nodes.
    init(_ endpoint: KubernetesEndpoint) {
        client = KubernetesClient(
            endpoint, timeout: NodeReader.requestTimeout, maximumResponseBytes: NodeReader.maximumResponseBytes)
    }

    /// How nodes are read under a configuration.
    static func make(_ configuration: WebhookConfiguration.Kubernetes, environment: [String: String])
        -> KubeletWatch.Read
    {
        guard let endpoint = KubernetesEndpoint(configuration, environment: environment) else {
            return { .failed(.notConfigured) }
        }
        let reader = NodeReader(endpoint)
        return { await reader.read() }
    }

    /// Reads all nodes.
    func read() async -> KubeletVersions {
        var found = Found()
        var query = ""
        do throws(KubernetesError) {
            for _ in 0..<NodeReader.maximumPages {
                let body = try await client.get("/api/v1/nodes?limit=\(NodeReader.pageSize)\(query)")
                guard let next = try NodeReader.take(body, into: &found) else { return found.versions }
                query = "&continue=\(next)"
            }
            throw .malformedAnswer
        } catch {
            return .failed(error)
        }
    }

    /// What has been found on the pages so far.
    private struct Found {
        var oldest: KubernetesVersion?
        var nodes = 0
        var unreadable: String?

        var versions: KubeletVersions {
            if let unreadable { return .unreadable(unreadable) }
            return oldest.map { .oldest($0, nodes: nodes) } ?? .noNodes
        }

        mutating func take(_ text: String) {
            guard let version = KubernetesVersion(parsing: text) else {
                unreadable = unreadable ?? text
                return
            }
            oldest = min(oldest ?? version, version)
            nodes += 1
        }
    }

    /// Takes a page over and gives the token of the next one, ready for a URL.
    private static func take(_ body: SecretBytes, into found: inout Found) throws(KubernetesError) -> String? {
        let bytes = body.withUnsafeBytes { Array($0) }
        guard let page = try? JSONValue(parsing: bytes, keeping: projection), page["kind"]?.string == "NodeList" else {
            throw .malformedAnswer
        }
        for node in page["items"]?.array ?? [] {
            // A node that no kubelet has registered yet states an empty one, and runs nothing.
            guard let text = node["status"]?["nodeInfo"]?["kubeletVersion"]?.string, !text.isEmpty else { continue }
            found.take(text)
        }
        guard let token = page["metadata"]?["continue"]?.string, !token.isEmpty else { return nil }
        guard token.utf8.count <= maximumTokenBytes else { throw .malformedAnswer }
        return FormEncoding.escaped(token)
    }
}
