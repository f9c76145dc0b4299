/// Why a pod's pull secrets are not known. Each becomes the sentence of a denial; nothing of a Secret is shown.
enum PullSecretError: Error, Equatable, Sendable {
    /// Why the apiserver did not give an object.
    enum Fault: Error, Equatable, Sendable {
        case notFound
        case forbidden
        /// In the words of a sentence.
        case failed(String)
    }

    /// A name cannot be that of an object; the apiserver was not asked.
    case invalidName
    case tooMany
    /// Not all of them came in time.
    case timeout
    /// `kind` is the resource's plural, as rights name it.
    case notRead(kind: String, name: String, Fault)
    case malformed(name: String, DockerConfigProblem)
}

extension PullSecretError: CustomStringConvertible {
    /// One sentence.
    var description: String {
        switch self {
        case .invalidName:
            "a pull secret or the ServiceAccount of the pod has a name that cannot be one; accepted: lower case letters, "
                + "digits, '-' and '.'"
        case .tooMany: "the pod names more than 8 pull secrets; name fewer, or state the container's command in the pod"
        case .timeout: "the pod's pull secrets could not be read in time; try again"
        case .notRead(let kind, let name, .forbidden):
            "Latchkey may not read '\(name)' of the pod's \(kind); grant its ServiceAccount the verb 'get' on '\(kind)' in "
                + "that namespace, or state the container's command in the pod"
        case .notRead(let kind, let name, .notFound): "'\(name)' is not among the namespace's \(kind)"
        case .notRead(let kind, let name, .failed(let reason)):
            "Latchkey cannot read '\(name)' of the pod's \(kind): \(reason); try again"
        case .malformed(let name, let problem):
            "the pull secret '\(name)' cannot be used: \(problem); correct it, or state the container's command in the pod"
        }
    }
}
