public import JSON

extension WebhookConfiguration {
    /// A value of a flag that takes the place of a key.
    struct Override: Sendable, Equatable {
        let flag: String
        let path: String
        let value: String
    }

    /// Reads a document (what the YAML of the file means).
    ///
    /// - Throws: every problem at once.
    public init(_ document: JSONValue) throws(ConfigurationProblems) {
        try self.init(document, overrides: [])
    }

    init(_ document: JSONValue, overrides: [Override]) throws(ConfigurationProblems) {
        var configuration = WebhookConfiguration(agentImage: "")
        var reader = ConfigurationReader(WebhookConfiguration.keys)
        reader.read(WebhookConfiguration.cloudFirst(document), into: &configuration)
        for override in overrides {
            reader.override(override.path, with: override.value, origin: override.flag, into: &configuration)
        }
        guard reader.problems.isEmpty else { throw ConfigurationProblems(reader.problems) }
        self = configuration
    }

    /// The document with `azure.cloud` before the keys that override it.
    private static func cloudFirst(_ document: JSONValue) -> JSONValue {
        guard var root = document.object, let azure = root["azure"]?.object, let cloud = azure["cloud"] else {
            return document
        }
        let rest = azure.members.filter { $0.name != "cloud" }
        root["azure"] = .object(JSONObject([JSONObject.Member(name: "cloud", value: cloud)] + rest))
        return .object(root)
    }
}
