public import JSON
public import SecretSpec

/// Everything that was decided about one pod, and the patch that says so.
public struct InjectionPlan: Sendable {
    /// What the apiserver applies to the pod; empty where the pod is already as it should be.
    public let patch: JSONPatch
    /// What the agent will do.
    public let agentPlan: AgentPlan
    /// What the pod's author should know though nothing is wrong.
    public let warnings: [String]
    /// What is done and why, one sentence each.
    public let sentences: [String]
}
