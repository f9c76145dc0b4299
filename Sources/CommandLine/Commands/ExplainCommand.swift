import ArgumentParser

/// `latchkey explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say in sentences what would be done to the pods of a manifest, and why.",
        discussion: """
            For each object that makes pods: whether it is selected; which secret becomes which file, with its mode, \
            its owner and the reason; which containers see them; who logs in where; what is added to the pod; what is \
            wrong and what to do about it. The exit code is 1 where a workload would be refused.

            EXAMPLES:
              latchkey explain -f deployment.yaml
              kustomize build overlays/prod | latchkey explain -f - --config latchkey.yaml
            """)

    @OptionGroup var input: ManifestOptions

    func run() throws {
        let loaded: ManifestInput
        do { loaded = try input.load() } catch {
            Output.error("\(error)")
            throw ExitCode(1)
        }
        Output.write(Array(Explanation(loaded.injection, loaded.clusterVersion).text.utf8))
        if !loaded.injection.problems.isEmpty { throw ExitCode(1) }
    }
}
