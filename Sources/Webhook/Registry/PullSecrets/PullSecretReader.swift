import JSON
import VaultClient

/// Reads the pull secrets that a pod names from the apiserver.
///
/// Only where the operator allowed it (`kubernetes.readPullSecrets`) and gave the webhook the right. A review can be
/// forged, so the namespace is always the request's own, names are checked, and their number is bounded. As with the
/// kubelet, a Secret that is not there or is no pull secret is passed over.
struct PullSecretReader: Sendable {
    /// Secrets of one pod that are read.
    private static let maximumSecrets = 8

    /// The body of a 200 at a path of the apiserver.
    typealias Get = @Sendable (_ path: String) async -> Result<SecretBytes, PullSecretError.Fault>

    private let get: Get

    init(get: @escaping Get) {
        self.get = get
    }

    /// The pull secrets in order.
    /// - Parameters:
    ///   - names: the pod's `imagePullSecrets`.
    ///   - serviceAccount: whose pull secrets count where the pod names none; nil where that is not to be looked at: the
    ///     apiserver's ServiceAccount plugin puts them into pods before webhooks are called.
    func configs(
        namespace: String, names: [String], serviceAccount: String? = nil
    ) async throws(PullSecretError) -> [DockerConfig] {
        guard KubernetesName.isLabel(namespace) else { throw .invalidName }
        var names = names
        if names.isEmpty, let serviceAccount {
            names = try await pullSecrets(of: serviceAccount, in: namespace)
        }
        guard names.count <= Self.maximumSecrets else { throw .tooMany }
        var configs: [DockerConfig] = []
        for name in names {
            guard let secret = try await object("secrets", name, in: namespace) else { continue }
            if let config = try Self.config(secret, name) { configs.append(config) }
        }
        return configs
    }

    private func pullSecrets(of account: String, in namespace: String) async throws(PullSecretError) -> [String] {
        guard let object = try await object("serviceaccounts", account, in: namespace) else { return [] }
        return (object["imagePullSecrets"]?.array ?? []).compactMap { $0["name"]?.string }
    }

    /// Nil where there is none.
    private func object(_ kind: String, _ name: String, in namespace: String) async throws(PullSecretError)
        -> JSONValue?
    {
        guard KubernetesName.isSubdomain(name) else { throw .invalidName }
        switch await get("/api/v1/namespaces/\(namespace)/\(kind)/\(name)") {
        case .success(let body):
            guard let object = body.withUnsafeBytes({ try? JSONValue(parsing: $0.bindMemory(to: UInt8.self)) }) else {
                throw .notRead(kind: kind, name: name, .failed("its answer is not JSON"))
            }
            return object
        case .failure(.notFound): return nil
        case .failure(let fault): throw .notRead(kind: kind, name: name, fault)
        }
    }

    private static func config(_ secret: JSONValue, _ name: String) throws(PullSecretError) -> DockerConfig? {
        func content(_ key: String) -> SecretBytes? { secret["data"]?[key]?.string.flatMap { Base64.decode($0) } }
        do throws(DockerConfigProblem) {
            switch secret["type"]?.string {
            case "kubernetes.io/dockerconfigjson":
                guard let content = content(".dockerconfigjson") else { return nil }
                return try DockerConfig(dockerConfigJSON: content)
            case "kubernetes.io/dockercfg":
                guard let content = content(".dockercfg") else { return nil }
                return try DockerConfig(dockercfg: content)
            default: return nil
            }
        } catch {
            throw .malformed(name: name, error)
        }
    }
}
