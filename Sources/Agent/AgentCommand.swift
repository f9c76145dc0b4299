import SecretSpec

/// The command line.
enum AgentCommand: Equatable {
    case initialize
    case help
    case version
    case unusable(String)

    /// - Parameter arguments: without the program's name.
    init(arguments: [String]) {
        switch arguments.first {
        case "init" where arguments.count == 1: self = .initialize
        case "--help", "-h": self = .help
        case "--version": self = .version
        case nil: self = .unusable("it is not said what to do: 'init' is the one mode")
        case "init": self = .unusable("'init' takes no arguments: the plan comes from \(AgentPlan.environmentVariable)")
        case let other?: self = .unusable("'\(other)' is not known: 'init' is the one mode")
        }
    }

    static var usage: String {
        """
        usage: latchkey-agent init | --help | --version

        init  fetches every secret of the plan in the environment variable \(AgentPlan.environmentVariable), which
              Latchkey's webhook puts there, and writes all of them to the plan's directory, or none.

        environment:
          \(AgentPlan.environmentVariable)             the plan (JSON): references and identities, no secret
          LATCHKEY_TERMINATION_LOG  where a failure's sentences go too (default /dev/termination-log)
          SSL_CERT_FILE             certificates to trust (PEM; default /etc/ssl/certs/ca-certificates.crt)
          HTTPS_PROXY, NO_PROXY     a proxy for vaults and logins, and the hosts to reach without it

        exit status:

        """
            + ExitCode.allCases.map { code in
                let number = String(code.rawValue)
                return "  " + String(repeating: " ", count: 3 - number.utf8.count) + number + "  \(code.meaning)\n"
            }.joined()
    }
}
