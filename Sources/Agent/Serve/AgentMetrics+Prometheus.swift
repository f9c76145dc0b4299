extension AgentMetrics {
    /// The media type of ``prometheusText``.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Prometheus's text format 0.0.4. A family without samples is left out.
    var prometheusText: String {
        var text = PrometheusText()
        text.family(
            "latchkey_agent_secret_age_seconds", .gauge, "Time since the secret was last read from its vault.",
            secrets.compactMap { secret in
                secret.ageSeconds.map { ([("reference", secret.reference)], $0) }
            })
        text.family(
            "latchkey_agent_secret_state", .gauge, "1 for the state that the secret is in, 0 for the others.",
            secrets.flatMap { secret in
                Secret.State.allCases.map { state in
                    ([("reference", secret.reference), ("state", state.rawValue)], secret.state == state ? 1 : 0)
                }
            })
        text.family(
            "latchkey_agent_looks_total", .counter, "Looks for new versions, by how they ended.",
            looks.map { ([("outcome", "\($0.outcome)")], Double($0.count)) })
        text.family(
            "latchkey_agent_reactions_total", .counter, "Tries of what is done after files have changed.",
            reactions.flatMap { report in
                [("succeeded", report.succeeded), ("failed", report.failed)].map { outcome, count in
                    ([("action", report.action), ("outcome", outcome)], Double(count))
                }
            })
        text.family(
            "latchkey_agent_reaction_state", .gauge, "1 for the state that the reaction is in, 0 for the others.",
            reactions.flatMap { report in
                ReactionReport.State.allCases.map { state in
                    ([("action", report.action), ("state", state.rawValue)], report.state == state ? 1 : 0)
                }
            })
        text.family(
            "latchkey_agent_refresh_interval_seconds", .gauge, "Current time between looks.",
            [([], intervalSeconds)])
        text.family(
            "latchkey_agent_generation_published_timestamp_seconds", .gauge, "When the visible files were published.",
            publishedTimestamp.map { [([], $0)] } ?? [])
        text.family(
            "latchkey_agent_last_success_timestamp_seconds", .gauge, "When every secret was last read.",
            lastSuccessTimestamp.map { [([], $0)] } ?? [])
        return text.text
    }
}
