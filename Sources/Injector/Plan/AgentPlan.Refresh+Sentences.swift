import SecretSpec

extension AgentPlan.Refresh {
    /// What happens after a change and when a secret is gone, one sentence each, for `explain`.
    ///
    /// - Parameter lasting: the names of the containers with the files that go on running.
    func sentences(_ lasting: [String]) -> [String] {
        var sentences = reactions.map { reaction in
            "after a change of \(Shown.list(reaction.sources)): \(sentence(reaction.action, lasting))"
        }
        if sentences.isEmpty { sentences.append("after a change the files are new, and nothing else happens") }
        switch onRevoked {
        case .keep: sentences.append("a secret that is revoked, disabled or deleted: its files stay as they are (keep)")
        case .remove: sentences.append("a secret that is revoked, disabled or deleted: its files are removed (remove)")
        case .fail:
            sentences.append(
                "a secret that is revoked, disabled or deleted: the files stay, and the agent fails until it is back (fail)"
            )
        }
        if let port {
            sentences.append("the agent listens on port \(port)\(servesMetrics ? " (/metrics and /healthz)" : "")")
        }
        return sentences
    }

    private func sentence(_ action: AgentPlan.Action, _ lasting: [String]) -> String {
        let begin = "begins within \(restartSpreadSeconds) s, each replica at a moment of its own"
        switch action {
        case .signal(let signal): return "\(signal) to the main processes of \(Shown.list(lasting))"
        case .request(let request):
            let status = request.status.map { "status \($0)" } ?? "a status of 2xx"
            return "\(request.method) \(request.url) until it answers with \(status)"
        case .restartByProbe(let containers, _):
            return "the kubelet restarts \(Shown.list(containers)), because the agent fails their liveness probes "
                + "(\(begin))"
        case .restartBySignal(let grace):
            return "SIGTERM to the main processes of \(Shown.list(lasting)), and SIGKILL after \(grace) s, so that the "
                + "kubelet starts them again (\(begin))"
        }
    }
}
