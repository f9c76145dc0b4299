/// The version of the program and of the images that belong to it.
enum ToolVersion {
    static let text = "0.1.0"
    /// The agent's image of this release; what `inject` and `explain` assume without an operator's configuration.
    static let agentImage = "ghcr.io/latchkey/agent:\(text)"
}
