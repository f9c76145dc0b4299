/// Where the apiserver is and how to talk to it.
struct KubernetesEndpoint: Sendable, Equatable {
    /// Where a pod finds its credentials
    /// (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#without-using-a-proxy).
    private static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// E.g. `https://10.96.0.1:443`.
    let origin: String
    /// Nil sends no token.
    let tokenFile: String?
    let caFile: String

    /// What the configuration says, completed with what every pod of a cluster knows; nil where neither says where the
    /// apiserver is.
    init?(_ configuration: WebhookConfiguration.Kubernetes, environment: [String: String]) {
        if let url = configuration.url {
            origin = url
        } else if let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
            let number = Int(port),
            let address = ListenAddress(parsing: "\(host.contains(":") ? "[\(host)]" : host):\(number)")
        {
            origin = "https://\(address)"
        } else {
            return nil
        }
        tokenFile = configuration.tokenFile ?? "\(KubernetesEndpoint.folder)/token"
        caFile = configuration.caFile ?? "\(KubernetesEndpoint.folder)/ca.crt"
    }
}
