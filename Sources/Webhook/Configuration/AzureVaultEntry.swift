import Injector
import JSON

/// One element of `azure.vaults`.
struct AzureVaultEntry {
    private var name = ""
    private var url = ""

    /// The element's keys.
    static let keys: [ConfigurationKey<AzureVaultEntry>] = [
        .parsed(
            "name", "a vault's name (letters, digits and '-')", "The vault as references write it.",
            parse: TextRule.vaultName
        ) { $0.name = $1 }.required(),
        .parsed(
            "url", "an origin such as `https://10.0.0.5:8443`", "Where it is.", parse: TextRule.httpsOrigin
        ) { $0.url = $1 }.required(),
    ]

    /// Reads one element and adds it.
    static let read: @Sendable (JSONValue, String, inout WebhookConfiguration, inout [ConfigurationProblem]) -> Void = {
        json, location, target, problems in
        var reader = ConfigurationReader(keys)
        var entry = AzureVaultEntry()
        reader.read(json, into: &entry, at: location)
        guard reader.problems.isEmpty else {
            problems += reader.problems
            return
        }
        guard target.injector.azure.endpoints.updateValue(entry.url, forKey: entry.name) == nil else {
            problems.append(
                ConfigurationProblem(key: "\(location).name", message: "found '\(entry.name)' a second time"))
            return
        }
    }
}
