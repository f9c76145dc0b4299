import JSON
import VaultClient
import YAML

extension FuzzTarget {
    /// What is parsed is printed and parsed back as equal values.
    static let yaml = FuzzTarget(name: "yaml") { bytes in
        guard let documents = try? YAMLDocuments.parse(bytes) else { return }
        let again = must("printed YAML is YAML") { try YAMLDocuments.parse(YAMLDocuments.print(documents)) }
        require(again == documents, "printed YAML is equal")
    }

    /// Where a URL's credentials would go: what is accepted is one host and port, whatever was tried.
    static let origin = FuzzTarget(name: "origin") { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let policy = OriginPolicy(
            origins: [try? Origin(url: "https://login.microsoftonline.com")].compactMap { $0 },
            suffixes: [try? Origin(url: "https://vault.azure.net")].compactMap { $0 })
        guard let origin = try? Origin(url: text) else { return }
        let again = must("an origin is read back") { try Origin(url: origin.url) }
        require(again == origin, "an origin is read back as it was")
        if policy.allows(origin) {
            let isLogin = origin.host == "login.microsoftonline.com"
            require(origin.port == 443, "an allowed origin has the allowed port")
            require(isLogin || origin.host.hasSuffix(".vault.azure.net"), "an allowed origin has an allowed host")
        }
    }
}
