import ArgumentParser
import DevVault

/// `latchkey dev token`.
struct DevTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a ServiceAccount's token that the dev vault's login takes, as the kubelet would project it.",
        discussion: """
            It is signed with the key in the data folder, not by a cluster.

            EXAMPLES:
              latchkey dev token shop/api > token
            """)

    @OptionGroup var options: DevFolderOptions

    @Argument(help: "The ServiceAccount: namespace/name.")
    var account: DevIdentity

    @Option(help: "The token's audience.")
    var audience = "api://AzureADTokenExchange"

    @Option(help: "How long the token is good, in seconds; negative for one that has expired.")
    var lifetime = 3600

    func run() throws {
        do {
            let issuer = try options.folder.issuer()
            Output.line(
                try issuer.token(
                    subject: account.subject, audience: audience,
                    lifetime: max(-86_400 * 365, min(86_400 * 365, lifetime))))
        } catch { throw fail(error) }
    }
}
