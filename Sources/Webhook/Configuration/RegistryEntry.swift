import JSON

/// One element of `registries`.
enum RegistryEntry {
    private typealias Registry = RegistryConfiguration.Registry

    /// The element's keys.
    static let keys: [ConfigurationKey<RegistryConfiguration.Registry>] = [
        .parsed(
            "host", "a host such as `docker.io` or `registry.example:5000`", "The registry as images name it.",
            parse: RegistryHost.registry
        ) { $0.host = $1 }.required(),
        .truth("plainHTTP", default: false, "Whether it is spoken to without TLS. Credentials then go unprotected.") {
            $0.plainHTTP = $1
        },
        .parsed(
            "caFile", "an absolute path", "PEM certificates that it is trusted by, beside the system's. Read at start.",
            parse: TextRule.path
        ) { $0.caFile = $1 },
        hosts(
            "tokenHosts", "a list of hosts such as `login.example`",
            "Hosts whose token endpoints get the registry's credentials, beside the registry itself.",
            parse: { RegistryHost.isHost($0.lowercased()) ? $0.lowercased() : nil }, to: \.tokenHosts),
        hosts(
            "blobHosts", "a list of hosts such as `*.storage.example`, `*` within a label and not in the last two",
            "Hosts that requests for an image's configuration may be redirected to. No credential goes there.",
            parse: RegistryHost.pattern, to: \.blobHosts),
    ]

    private static func hosts(
        _ path: String, _ accepted: String, _ summary: String, parse: @escaping @Sendable (String) -> String?,
        to property: any WritableKeyPath<RegistryConfiguration.Registry, [String]> & Sendable
    ) -> ConfigurationKey<RegistryConfiguration.Registry> {
        ConfigurationKey(
            path: path, accepted: accepted, defaultText: nil, summary: summary,
            kind: .list { json, location, target, problems in
                guard let host = json.string.flatMap(parse) else {
                    let message = "is no host that can be used; accepted: \(accepted)"
                    problems.append(ConfigurationProblem(key: location, message: message))
                    return
                }
                target[keyPath: property].append(host)
            })
    }

    /// Reads one element and adds it.
    static let read: @Sendable (JSONValue, String, inout WebhookConfiguration, inout [ConfigurationProblem]) -> Void = {
        json, location, target, problems in
        var reader = ConfigurationReader(keys)
        var entry = Registry(host: "")
        reader.read(json, into: &entry, at: location)
        guard reader.problems.isEmpty else {
            problems += reader.problems
            return
        }
        guard !target.registries.registries.contains(where: { $0.host == entry.host }) else {
            problems.append(
                ConfigurationProblem(key: "\(location).host", message: "found '\(entry.host)' a second time"))
            return
        }
        target.registries.registries.append(entry)
    }
}
