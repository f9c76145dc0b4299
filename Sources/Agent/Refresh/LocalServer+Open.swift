import SecretSpec

extension LocalServer {
    /// Listens where the plan says so. Without the port, probes would restart the application for ever: with those it is
    /// a failure, else a warning.
    static func open(for refresh: AgentPlan.Refresh, console: Console) throws(AgentFailure) -> LocalServer? {
        guard let port = refresh.port else { return nil }
        do throws(ServeError) {
            return try LocalServer(port: port)
        } catch {
            let answersProbes = refresh.reactions.contains {
                if case .restartByProbe = $0.action { true } else { false }
            }
            if answersProbes { throw AgentFailure(.system, "\(error)") }
            console.warn("no health or metrics: \(error)")
            return nil
        }
    }
}
