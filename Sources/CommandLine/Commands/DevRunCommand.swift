import ArgumentParser
import SecretSpec
import Webhook

/// `latchkey dev run`, which is what `latchkey dev` does.
struct DevRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Start the vault, the login and the webhook; Ctrl-C or SIGTERM stops them (the default).")

    @OptionGroup var options: DevFolderOptions

    @Option(help: "The port of the vault and the login; 0 takes a free one.")
    var port = 8441

    @Option(help: "The port of the webhook; 0 takes a free one.")
    var webhookPort = 8442

    @Flag(inversion: .prefixedNo, help: "Start a webhook too.")
    var webhook = true

    @Option(
        name: .customLong("vault"), parsing: .singleValue,
        help: ArgumentHelp("A vault to serve; more than one may be given (default: shop).", valueName: "name"))
    var vaults: [String] = []

    @Option(
        name: .customLong("identity"), parsing: .singleValue,
        help: ArgumentHelp(
            "A ServiceAccount that may read all vaults, and its client id (default: default/default with "
                + "\(DevSettings.defaultClientID)).", valueName: "namespace/name[=client id]"))
    var identities: [DevIdentity] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "An issuer whose tokens log in besides those of 'latchkey dev token', e.g. a cluster's "
                + "--service-account-issuer, with a file of its JSON Web Key Set (kubectl get --raw /openid/v1/jwks).",
            valueName: "issuer=file"))
    var issuer: [DevIssuerFile] = []

    @Option(
        help: ArgumentHelp(
            "The vault's whole configuration as YAML or JSON, in place of --vault, --identity and --issuer.",
            valueName: "file"))
    var vaultConfig: String?

    @Option(help: "The agent's image in the sample configuration.")
    var agentImage = Release.agentImage

    @Option(help: "Version of the oldest kubelet in the sample configuration, which decides what is added to pods.")
    var clusterVersion = ClusterVersion.version(.nativeSidecars)

    func validate() throws {
        guard vaultConfig == nil || (vaults.isEmpty && identities.isEmpty && issuer.isEmpty) else {
            throw ValidationError(
                "--vault-config takes the place of --vault, --identity and --issuer; give one or the other")
        }
    }

    func run() async throws {
        var settings = DevSettings(port: port, webhookPort: webhook ? webhookPort : nil, agentImage: agentImage)
        if !vaults.isEmpty { settings.vaults = vaults }
        if !identities.isEmpty { settings.identities = identities }
        settings.issuers = issuer
        settings.clusterVersion = clusterVersion
        settings.vaultConfigurationFile = vaultConfig
        // From here on a signal is an event and not the end.
        let signals = TerminationSignals()
        let environment: DevEnvironment
        do { environment = try await DevEnvironment.start(settings, in: options.folder) } catch { throw fail(error) }
        Output.line(environment.summary)
        await signals.wait()
        await environment.stop()
        Output.line("Stopped.")
    }
}

extension DevIdentity: ExpressibleByArgument {}
extension DevIssuerFile: ExpressibleByArgument {}
