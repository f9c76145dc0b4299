/// The release that this agent belongs to. Webhook and agent of one release go together.
enum AgentVersion {
    static let current = "0.1.0"
}
