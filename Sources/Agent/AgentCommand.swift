import SecretSpec

/// The command line.
enum AgentCommand: Equatable {
    case initialize
    case refresh
    case ready
    case help
    case version
    case unusable(String)

    /// - Parameter arguments: without the program's name.
    init(arguments: [String]) {
        let modes = "the modes are 'init', 'refresh' and 'ready'"
        guard let first = arguments.first else {
            self = .unusable("it is not said what to do: \(modes)")
            return
        }
        let mode: Self
        switch first {
        case "--help", "-h": mode = .help
        case "--version": mode = .version
        case "init": mode = .initialize
        case "refresh": mode = .refresh
        case "ready": mode = .ready
        default: mode = .unusable("'\(first)' is not known: \(modes)")
        }
        guard arguments.count > 1, mode == .initialize || mode == .refresh || mode == .ready else {
            self = mode
            return
        }
        self = .unusable("'\(first)' takes no arguments: the plan comes from \(AgentPlan.environmentVariable)")
    }

    static var usage: String {
        """
        usage: latchkey-agent init | refresh | ready | --help | --version

        init     fetches every secret of the plan in the environment variable \(AgentPlan.environmentVariable), which
                 Latchkey's webhook puts there, and writes all of them to the plan's directory, or none
        refresh  does the same unless they are there already, then looks for new versions until SIGTERM ends it
        ready    ends with 0 once the files are there

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
