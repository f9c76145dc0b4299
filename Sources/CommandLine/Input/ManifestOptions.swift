public import ArgumentParser
import Injector
import SecretSpec
public import Webhook

/// What `inject` and `explain` read.
struct ManifestOptions: ParsableArguments {
    @Option(
        name: [.short, .customLong("filename")], parsing: .singleValue,
        help: ArgumentHelp(
            "A manifest: YAML or JSON, several documents, Lists; '-' is standard input.", valueName: "file"))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "The webhook's configuration. Without it its defaults hold, with the agent image \(Release.agentImage).",
            valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Version of the cluster's oldest kubelet, which decides what is added to pods (default: cluster.version of "
                + "the configuration). The cluster is not asked: 'auto' means 1.29 and later.", valueName: "version"))
    var clusterVersion: ClusterVersion?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The namespace of objects that name none.", valueName: "namespace"))
    var namespace = "default"

    @Option(
        name: .customLong("service-account-file"), parsing: .singleValue,
        help: ArgumentHelp(
            "A manifest with ServiceAccounts that are not in the input; only their annotations are used.",
            valueName: "file"))
    var serviceAccountFiles: [String] = []

    @Option(
        name: .customLong("image-command"), parsing: .singleValue,
        help: ArgumentHelp(
            "What an image runs, for containers that get variables and state no command: no registry is asked. The JSON is "
                + "what docker image inspect --format '{{json .Config}}' or crane config print; Entrypoint and Cmd count.",
            valueName: "image=json"))
    var imageCommands: [ImageCommandOption] = []

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("name a manifest with -f FILE, or -f - for standard input") }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("standard input can be read once only")
        }
    }

    /// Reads everything. A failure is one sentence with the file's name.
    func load() throws(InputProblem) -> ManifestInput {
        var manifests: [Manifest] = []
        for file in files { manifests.append(try Self.manifest(file)) }
        var accounts: [ManifestObject] = []
        for file in serviceAccountFiles { accounts += ManifestObject.all(in: try Self.manifest(file).documents) }
        let manifest = Manifest(
            documents: manifests.flatMap(\.documents),
            format: manifests.allSatisfy { $0.format == .json } ? .json : .yaml)
        var configuration = WebhookConfiguration(agentImage: Release.agentImage)
        if let config { configuration = try OperatorConfiguration.load(config) }
        if let clusterVersion { configuration.follow(clusterVersion) }
        return ManifestInput(
            manifest: manifest,
            injection: ManifestInjection(
                manifest: manifest, furtherAccounts: accounts, configuration: configuration.injector,
                defaultNamespace: namespace,
                imageCommands: Dictionary(imageCommands.map { ($0.image, $0.command) }, uniquingKeysWith: { $1 })),
            clusterVersion: configuration.clusterVersion)
    }

    private static func manifest(_ path: String) throws(InputProblem) -> Manifest {
        let bytes: [UInt8]
        do { bytes = try InputFile.read(path) } catch { throw InputProblem(error.description) }
        do { return try Manifest(parsing: bytes) } catch {
            throw InputProblem("\(InputFile.title(path)): \(error)")
        }
    }
}

extension ClusterVersion: ExpressibleByArgument {
    /// As in the configuration.
    public init?(argument: String) { self.init(parsing: argument) }
}
