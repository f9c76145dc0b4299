import SecretSpec

extension AgentPlan.Action {
    /// What it is in few words, for status, metrics and log. A URL's query is left out.
    var label: String {
        switch self {
        case .signal(let signal): "signal \(signal.name)"
        case .request(let request):
            "\(request.method) \(request.url.prefix { $0 != "?" })" + (request.status.map { " \($0)" } ?? "")
        case .restartByProbe(let containers, _): "restart \(containers.joined(separator: ", "))"
        case .restartBySignal: "restart"
        }
    }

    var isRestart: Bool {
        switch self {
        case .signal, .request: false
        case .restartByProbe, .restartBySignal: true
        }
    }
}
