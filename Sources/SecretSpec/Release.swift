/// The release that all programs of one build belong to. Webhook and agent of one release go together.
public enum Release {
    /// The version, without a `v`.
    public static let version = "0.1.0"
    /// The agent's image of this release.
    public static let agentImage = "ghcr.io/latchkey/agent:\(version)"
}
