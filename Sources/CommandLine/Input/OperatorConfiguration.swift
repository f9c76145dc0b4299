import Injector
import JSON
import Webhook
import YAML

/// The webhook's configuration file with what it names.
enum OperatorConfiguration {
    static func load(_ path: String) throws(InputProblem) -> WebhookConfiguration {
        let documents: [JSONValue]
        do { documents = try YAMLDocuments.parse(try InputFile.read(path)) } catch {
            throw InputProblem("\(path): \(error)")
        }
        guard documents.count <= 1 else {
            throw InputProblem("\(path): holds \(documents.count) documents; a configuration is one")
        }
        var configuration: WebhookConfiguration
        do { configuration = try WebhookConfiguration(documents.first ?? .null) } catch {
            throw InputProblem(error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
        }
        if let bundle = configuration.caBundleFile {
            configuration.injector.caBundle = try certificates(bundle, namedBy: path)
        }
        return configuration
    }

    private static func certificates(_ path: String, namedBy configuration: String) throws(InputProblem) -> String {
        do {
            return String(decoding: try InputFile.read(path), as: UTF8.self)
        } catch {
            throw InputProblem(
                "\(configuration): agent.caBundleFile: \(error); the certificates go into the pod, so the file that "
                    + "the webhook reads is needed here too")
        }
    }
}
