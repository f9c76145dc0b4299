public import ArgumentParser

/// The command `latchkey`.
public struct LatchkeyTool: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "latchkey",
        abstract: "Secrets from vaults for Kubernetes pods, without a secret in Git, in etcd or in the pod's spec.",
        discussion: """
            EXAMPLES:
              latchkey inject -f deployment.yaml | kubectl apply -f -
              kustomize build . | latchkey explain -f -
              latchkey dev
            """,
        version: ToolVersion.text,
        subcommands: [InjectCommand.self, ExplainCommand.self, DevCommand.self])

    /// The command without arguments, which shows its help.
    public init() {}
}
