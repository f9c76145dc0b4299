import JSON
import SecretSpec

/// What the agent's port answers.
struct LocalPages {
    let report: StatusReport
    let looks: LookCounts
    /// When the loop began.
    let started: Moment
    let servesMetrics: Bool

    /// Nil where there is no such page.
    func answer(_ path: String, probes: RestartProbes, now: Moment) -> LocalAnswer? {
        if path.isSameText(as: "/healthz") { return health(now) }
        if path.isSameText(as: "/metrics"), servesMetrics {
            return LocalAnswer(
                status: 200, contentType: AgentMetrics.contentType,
                body: AgentMetrics(report, looks, now: now).prometheusText)
        }
        let restart = "/restart/"
        guard path.utf8.starts(with: restart.utf8) else { return nil }
        return probes.isAlive(String(path.utf8.dropFirst(restart.utf8.count)) ?? "", at: now.instant)
            ? .line(200, "alive") : .line(500, "restart: files have changed")
    }

    /// Whether the files can be trusted to be fresh. A vault that is gone for some looks is no reason to end anything.
    private func health(_ now: Moment) -> LocalAnswer {
        let interval = report.interval ?? .zero
        let age = now.instant - max(report.lastSuccess?.instant ?? started.instant, started.instant)
        return age <= interval * 3 + .seconds(60)
            ? .line(200, "ok") : .line(503, "no look has succeeded for \(age.components.seconds) s")
    }
}

extension AgentMetrics {
    init(_ report: StatusReport, _ looks: LookCounts, now: Moment) {
        self.init()
        secrets = report.objects.map { object in
            Secret(
                reference: object.reference, state: object.state,
                ageSeconds: object.lastRead.map { (now.instant - $0.instant) / .seconds(1) })
        }
        self.looks = looks.metrics
        reactions = report.reactions
        intervalSeconds = (report.interval ?? .zero) / .seconds(1)
        publishedTimestamp = report.published.map { Double($0.wallSeconds) }
        lastSuccessTimestamp = report.lastSuccess.map { Double($0.wallSeconds) }
    }
}
