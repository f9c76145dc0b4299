/// How a pod wants secrets to get into its containers' environments.
enum EnvironmentChoice: String, Sendable, CaseIterable {
    /// As it can be.
    case auto
    /// By `latchkey-exec` before the command.
    case exec
    /// By the kubelet, from a file.
    case kubelet
}
