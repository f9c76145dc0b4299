/// The command line of `latchkey-webhook`.
struct WebhookArguments: Equatable, Sendable {
    /// What is asked for.
    enum Action: Equatable, Sendable {
        case serve
        case checkConfiguration
        case help
        case version
    }

    var action = Action.serve
    var configurationFile: String?
    var overrides: [WebhookConfiguration.Override] = []

    /// Reads arguments without the program's name: `--flag value` or `--flag=value`.
    static func parse(_ arguments: [String]) throws(ConfigurationProblems) -> WebhookArguments {
        var parsed = WebhookArguments()
        var problems: [ConfigurationProblem] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            switch flag {
            case "--help", "-h": parsed.action = .help
            case "--version": parsed.action = .version
            case "--check-config": parsed.action = .checkConfiguration
            default:
                let path = WebhookConfiguration.keys.first { $0.flag == flag }?.path
                guard flag == "--config" || path != nil else {
                    problems.append(ConfigurationProblem(key: argument, message: unknown(flag)))
                    continue
                }
                guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                    problems.append(ConfigurationProblem(key: flag, message: "needs a value"))
                    continue
                }
                if let path {
                    parsed.overrides.append(.init(flag: flag, path: path, value: value))
                } else {
                    parsed.configurationFile = value
                }
            }
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return parsed
    }

    private static var flags: [String] {
        ["--config", "--check-config", "--help", "--version"] + WebhookConfiguration.keys.compactMap(\.flag)
    }

    private static func unknown(_ flag: String) -> String {
        if let meant = NearMiss.suggestion(for: flag, among: flags) {
            return "is an unknown flag; did you mean '\(meant)'?"
        }
        return "is an unknown flag; accepted: \(flags.joined(separator: ", "))"
    }

    /// What `--help` prints.
    static var help: String {
        var lines = [
            "latchkey-webhook: answers admission reviews of a Kubernetes apiserver.", "",
            "  --config FILE          the configuration (YAML); see docs/configuration.md",
            "  --check-config         check configuration and certificate files, then exit",
        ]
        for key in WebhookConfiguration.keys {
            guard let flag = key.flag else { continue }
            let left = "  \(flag) VALUE"
            lines.append(left + String(repeating: " ", count: max(1, 25 - left.count)) + "overrides \(key.path)")
        }
        lines += ["  --help, --version", ""]
        return lines.joined(separator: "\n")
    }
}
