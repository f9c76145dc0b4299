/// What lies where in the volume of the containers' environments (``AgentPlan/Environments/directory``). The agent
/// writes it, the webhook mounts it.
///
///     <container>/environment    for latchkey-exec; `<container>` is that container's subPath
///     <container>.env            for the kubelet (`fileKeyRef`)
///     .bin/latchkey-exec         the subPath of every container with a wrapped command
///
/// Names of containers have no dots, so none of these is another's.
public enum EnvironmentLayout {
    /// The file that `latchkey-exec` reads, in the container's directory.
    public static let file = "environment"
    /// The directory of ``executable``.
    public static let executableDirectory = ".bin"
    /// The wrapper.
    public static let executable = "latchkey-exec"

    /// The file that the kubelet reads, relative to the volume's root: `path` of `fileKeyRef`.
    public static func kubeletFile(of container: String) -> String { "\(container).env" }
}
