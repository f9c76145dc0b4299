import ArgumentParser
import JSON
import Webhook
import YAML

/// `latchkey inject`.
struct InjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject",
        abstract: "Print a manifest rewritten as the webhook would rewrite the pods that it makes.",
        discussion: """
            Deployments, StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Jobs, CronJobs, PodTemplates and \
            Pods are rewritten in their pod template; its annotations and labels count, not those of the object around \
            it. Everything else passes through. ServiceAccounts in the same input give the identity, as when all of it \
            is applied at once. A cluster with the webhook leaves what is already injected as it is.

            Where a workload cannot be injected, every problem is printed on standard error, nothing on standard output, \
            and the exit code is 1.

            EXAMPLES:
              latchkey inject -f deployment.yaml | kubectl apply -f -
              helm template chart | latchkey inject -f - --namespace shop
              latchkey inject -f deployment.yaml --patch --output yaml
            """)

    @OptionGroup var input: ManifestOptions

    @Option(name: [.short, .long], help: "The output's format; default: the input's (with --patch: json).")
    var output: ManifestFormat?

    @Flag(help: "Print the JSON patch of each workload against its document instead of the manifest.")
    var patch = false

    func run() throws {
        let loaded: ManifestInput
        do { loaded = try input.load() } catch {
            Output.error("\(error)")
            throw ExitCode(1)
        }
        let injection = loaded.injection
        guard injection.problems.isEmpty else {
            for problem in injection.problems { Output.error(problem) }
            throw ExitCode(1)
        }
        let printed: Manifest
        if patch {
            printed = Manifest(documents: [injection.patches(defaultNamespace: input.namespace)], format: .json)
        } else {
            do { printed = Manifest(documents: try injection.rewritten(), format: loaded.manifest.format) } catch {
                Output.error("the patch does not fit its own document, which is an error of this program: \(error)")
                throw ExitCode(70)
            }
        }
        for warning in injection.warnings { Output.error(warning) }
        if case .auto = loaded.clusterVersion, injection.outcomes.contains(where: { $0.patch != nil }) {
            Output.error(
                "pods have the shape for kubelets of Kubernetes \(KubernetesVersion.nativeSidecars) and later, as the "
                    + "cluster is not asked; for older ones give --cluster-version")
        }
        Output.write(printed.printed(as: output ?? printed.format))
    }
}

extension ManifestFormat: ExpressibleByArgument {}
