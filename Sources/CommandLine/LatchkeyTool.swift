import ArgumentParser
import SecretSpec

/// The command `latchkey`.
struct LatchkeyTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latchkey",
        abstract: "Secrets from vaults for Kubernetes pods, without a secret in Git, in etcd or in the pod's spec.",
        discussion: """
            EXAMPLES:
              latchkey inject -f deployment.yaml | kubectl apply -f -
              kustomize build . | latchkey explain -f -
              latchkey dev
            """,
        version: Release.version,
        subcommands: [InjectCommand.self, ExplainCommand.self, DevCommand.self])
}

/// What the executable calls.
public enum LatchkeyMain {
    /// Reads the process's arguments, runs the command and exits where it failed.
    public static func run() async {
        await LatchkeyTool.main()
    }
}
