import JSON
import SecretSpec

/// What a pod wants to happen after files have changed, before it is known whether that can work in it.
enum OnChange: Hashable, Sendable {
    case none
    case signal(Signal)
    case request(AgentPlan.LoopbackRequest)
    case restart

    static let accepted =
        "`none`, \(Signal.accepted), \(AgentPlan.LoopbackRequest.accepted), or `restart`"

    init?(_ text: String) {
        if text.isSameText(as: "none") {
            self = .none
        } else if text.isSameText(as: "restart") {
            self = .restart
        } else if let signal = Signal(name: text) {
            self = .signal(signal)
        } else if let request = AgentPlan.LoopbackRequest(parsing: text) {
            self = .request(request)
        } else {
            return nil
        }
    }
}
