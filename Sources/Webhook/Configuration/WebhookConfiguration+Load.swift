import Injector
import JSON
import YAML

extension WebhookConfiguration {
    /// Reads the file and the flags, and the CA bundle that the configuration names.
    static func load(_ arguments: WebhookArguments) throws(ConfigurationProblems) -> WebhookConfiguration {
        var document = JSONValue.object(JSONObject())
        if let path = arguments.configurationFile { document = try parse(path) }
        var configuration = try WebhookConfiguration(document, overrides: arguments.overrides)
        if let path = configuration.caBundleFile {
            configuration.injector.caBundle = try readCertificates(path, key: "agent.caBundleFile")
        }
        for (index, registry) in configuration.registries.registries.enumerated() {
            if let path = registry.caFile { _ = try readCertificates(path, key: "registries[\(index)].caFile") }
        }
        return configuration
    }

    private static func parse(_ path: String) throws(ConfigurationProblems) -> JSONValue {
        func problem(_ message: String) -> ConfigurationProblems {
            ConfigurationProblems([ConfigurationProblem(key: path, message: message)])
        }
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(path) } catch { throw problem(error.description) }
        let documents: [JSONValue]
        do { documents = try YAMLDocuments.parse(bytes) } catch { throw problem(error.description) }
        guard documents.count <= 1 else { throw problem("holds \(documents.count) documents; accepted: one") }
        return documents.first ?? .null
    }

    private static func readCertificates(_ path: String, key: String) throws(ConfigurationProblems) -> String {
        func problem(_ message: String) -> ConfigurationProblems {
            ConfigurationProblems([ConfigurationProblem(key: key, message: "'\(path)': \(message)")])
        }
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(path) } catch { throw problem(error.description) }
        guard let text = String(validating: bytes, as: UTF8.self), text.contains("-----BEGIN CERTIFICATE-----") else {
            throw problem("holds no PEM certificate")
        }
        return text
    }
}
