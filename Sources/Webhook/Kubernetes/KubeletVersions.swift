/// What the nodes said about their kubelets.
enum KubeletVersions: Equatable, Sendable {
    /// The oldest of so many.
    case oldest(KubernetesVersion, nodes: Int)
    /// A node states a version that is none.
    case unreadable(String)
    /// No node states a version.
    case noNodes
    /// The apiserver did not tell.
    case failed(KubernetesError)

    /// The metric's label.
    var outcome: String {
        switch self {
        case .oldest: "read"
        case .unreadable: "unreadable-version"
        case .noNodes: "no-nodes"
        case .failed(let error): error.outcome
        }
    }

    /// What an operator can do so that the versions are known; nil where they are.
    var remedy: String? {
        let statement = "set cluster.version in the configuration"
        switch self {
        case .oldest: return nil
        case .unreadable, .noNodes, .failed(.notConfigured): return statement
        case .failed(.forbidden):
            return "grant Latchkey's ServiceAccount the verb 'list' on 'nodes' (API group \"\") with a ClusterRole, or "
                + statement
        case .failed(.unauthorized): return "look at kubernetes.tokenFile in the configuration, or \(statement)"
        case .failed: return "look at kubernetes.url and kubernetes.caFile in the configuration, or \(statement)"
        }
    }
}
