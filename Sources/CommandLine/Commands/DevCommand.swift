import ArgumentParser

/// `latchkey dev`.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a Key Vault, its login and a webhook on this machine, and put secrets into it.",
        discussion: """
            For development and demonstrations. Everything listens on loopback; the state is a file that holds secrets \
            in the clear.

            EXAMPLES:
              latchkey dev
              latchkey dev --vault shop --identity shop/api
              latchkey dev secret set shop/db-password s3cret
              latchkey dev token shop/api
            """,
        subcommands: [DevRunCommand.self, DevSecretCommand.self, DevThrottleCommand.self, DevTokenCommand.self],
        defaultSubcommand: DevRunCommand.self)
}

/// Where `latchkey dev` keeps its files.
struct DevFolderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the state, keys and certificates; default: $XDG_STATE_HOME/latchkey/dev, else "
                + "~/.local/state/latchkey/dev.", valueName: "folder"))
    var data: String?

    var folder: DevFolder { data.map(DevFolder.init(path:)) ?? .standard }
}

/// Prints a problem and ends the command with 1.
func fail(_ problem: any Error) -> ExitCode {
    Output.error("latchkey: \(problem)")
    return ExitCode(1)
}
