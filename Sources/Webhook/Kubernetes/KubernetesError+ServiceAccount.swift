/// The error as the denial of a pod whose ServiceAccount's annotations are not known for it.
extension KubernetesError {
    /// The HTTP code of the denial: 4xx where trying again without a change is in vain.
    var denialCode: Int {
        switch self {
        case .invalidName, .notFound: 400
        case .forbidden, .unauthorized, .malformedAnswer, .notConfigured: 500
        case .timeout, .unreachable, .status: 503
        }
    }

    /// The sentence of the denial.
    func sentence(namespace: String, name: String) -> String {
        let account = "ServiceAccount '\(name)' in namespace '\(namespace)'"
        let identity = "the pod's Azure identity stands in its annotations"
        switch self {
        case .invalidName:
            return "spec.serviceAccountName: '\(name)' in namespace '\(namespace)' cannot be a ServiceAccount; "
                + "accepted: lower case letters, digits, '-' and '.'"
        case .notFound:
            return "\(account) does not exist and \(identity); create it before the pod, or name another in "
                + "spec.serviceAccountName"
        case .forbidden:
            return "Latchkey may not read \(account), and \(identity); grant its own ServiceAccount the verb 'get' on "
                + "'serviceaccounts' (API group \"\") with a ClusterRole, or with a Role in that namespace"
        case .unauthorized:
            return "Latchkey cannot read \(account): the apiserver does not accept Latchkey's own token; look at "
                + "kubernetes.tokenFile in its configuration and at its log"
        case .timeout:
            return "Latchkey cannot read \(account): the apiserver did not answer in time; try again"
        case .unreachable(let reason):
            return
                "Latchkey cannot read \(account): \(reason); try again, and if it stays so look at kubernetes.url and "
                + "kubernetes.caFile in its configuration"
        case .status(let code):
            return "Latchkey cannot read \(account): the apiserver answered with HTTP status \(code); try again"
        case .malformedAnswer:
            return "Latchkey cannot read \(account): what answers at kubernetes.url is no Kubernetes apiserver"
        case .notConfigured:
            return "Latchkey cannot read \(account): \(KubernetesError.notConfiguredReason)"
        }
    }
}
