/// Why a plan cannot be read: the webhook and the agent are of different versions, or somebody wrote it by hand.
public enum AgentPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownVersion(Int)
    case malformed(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .unknownVersion(let version):
            "the plan has version \(version), this agent reads version \(AgentPlan.currentVersion): "
                + "run webhook and agent of one release"
        case .malformed(let problem): "the plan is not usable: \(problem)"
        }
    }
}
