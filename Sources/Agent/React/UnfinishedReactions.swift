import JSON
import SecretSpec

/// The reactions that an earlier process was still to do, as its status file tells.
enum UnfinishedReactions {
    /// It is not known what was done about the published files: the process ended before it could write that down.
    case all
    /// Those with these labels.
    case labelled([String])

    /// - Parameter status: what an earlier process wrote; nil where there is nothing.
    /// - Parameter isOfThisPublication: whether it was written after what is published now.
    init(_ status: JSONValue?, isOfThisPublication: Bool) {
        guard isOfThisPublication else {
            self = .all
            return
        }
        let unfinished = [ReactionReport.State.waiting, .failed].map(\.rawValue)
        self = .labelled(
            (status?["reactions"]?.array ?? []).compactMap { reaction in
                guard let state = reaction["state"]?.string, unfinished.contains(state) else { return nil }
                return reaction["action"]?.string
            })
    }

    func contains(_ action: AgentPlan.Action) -> Bool {
        switch self {
        case .all: true
        case .labelled(let labels): labels.contains { $0.isSameText(as: action.label) }
        }
    }
}
