/// For which of an image's platforms its command is asked: those that the pod can be scheduled to.
public struct ImagePlatforms: Sendable, Hashable {
    /// Architectures as nodes and images call them (`amd64`); nil for all.
    public let architectures: Set<String>?

    /// Linux on these architectures (the pod's `kubernetes.io/arch`); without an argument on any.
    public init(architectures: Set<String>? = nil) {
        self.architectures = architectures
    }

    /// Whether the pod may come to run an image of this platform. A platform that is not stated may be any.
    func includes(system: String?, architecture: String?) -> Bool {
        guard system ?? "linux" == "linux" else { return false }
        guard let architecture, let architectures else { return architecture != "unknown" }
        return architectures.contains(architecture)
    }
}
