import Foundation
import SecretSpec
import Testing
import VaultClient

@testable import Agent

@Suite("Metrics")
struct ServeMetricsTests {
    /// Every kind of value there is, with names as hostile as they come.
    static let metrics: AgentMetrics = {
        var metrics = AgentMetrics()
        metrics.secrets = [
            .init(reference: "akv://shop/db-password", state: .current, ageSeconds: 12.5),
            .init(
                reference: "odd \"quoted\\\" {a=\"b\"}\n# TYPE x gauge\r\u{2028}é", state: .revoked, ageSeconds: nil),
        ]
        metrics.looks = [.init(outcome: "succeeded", count: 3), .init(outcome: "throttled", count: .max)]
        metrics.reactions = [
            report("signal SIGHUP", .done, succeeded: 2, failed: 1),
            report("POST http://127.0.0.1:1/", .failed, succeeded: 0, failed: 4),
            report("POST http://127.0.0.1:1/", .idle, succeeded: 1, failed: 1),
        ]
        metrics.intervalSeconds = 0.1
        metrics.publishedTimestamp = 1_800_000_000.25
        metrics.lastSuccessTimestamp = .infinity
        return metrics
    }()

    static func report(_ action: String, _ state: ReactionReport.State, succeeded: Int, failed: Int) -> ReactionReport {
        ReactionReport(
            action: action, state: state, attempts: 1, lastAttempt: nil, error: nil, succeeded: succeeded,
            failed: failed)
    }

    @Test("the text is what Prometheus takes, line by line")
    func text() {
        let text = Self.metrics.prometheusText
        let odd = #"odd \"quoted\\\" {a=\"b\"}\n# TYPE x gauge"# + "\r\u{2028}é"
        let lines = [
            "# TYPE latchkey_agent_secret_age_seconds gauge",
            #"latchkey_agent_secret_age_seconds{reference="akv://shop/db-password"} 12.5"#,
            #"latchkey_agent_secret_state{reference="akv://shop/db-password",state="current"} 1"#,
            #"latchkey_agent_secret_state{reference="akv://shop/db-password",state="revoked"} 0"#,
            "latchkey_agent_secret_state{reference=\"\(odd)\",state=\"revoked\"} 1",
            "# TYPE latchkey_agent_looks_total counter",
            #"latchkey_agent_looks_total{outcome="succeeded"} 3"#,
            #"latchkey_agent_reactions_total{action="signal SIGHUP",outcome="failed"} 1"#,
            #"latchkey_agent_reactions_total{action="POST http://127.0.0.1:1/",outcome="failed"} 5"#,
            #"latchkey_agent_reaction_state{action="POST http://127.0.0.1:1/",state="failed"} 1"#,
            #"latchkey_agent_reaction_state{action="POST http://127.0.0.1:1/",state="idle"} 1"#,
            "latchkey_agent_refresh_interval_seconds 0.1",
            "latchkey_agent_generation_published_timestamp_seconds 1800000000.25",
            "latchkey_agent_last_success_timestamp_seconds +Inf",
        ]
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(all.last == "")
        for line in lines { #expect(all.count { $0 == line } == 1, "\(line)") }
        // The age of what was never read is not known.
        #expect(all.count { $0.hasPrefix("latchkey_agent_secret_age_seconds{") } == 1)
    }

    @Test("every family has its HELP and TYPE once, before its samples, and no two samples have the same labels")
    func structure() throws {
        var families: Set<Substring> = []
        var samples: Set<Substring> = []
        var current: Substring = ""
        for line in Self.metrics.prometheusText.split(separator: "\n") {
            if line.hasPrefix("# HELP ") {
                current = try #require(line.split(separator: " ").dropFirst(2).first)
                #expect(families.insert(current).inserted)
            } else if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                #expect(words[2] == current)
                #expect((words[3] == "counter") == current.hasSuffix("_total"))
            } else {
                #expect(line.prefix { $0 != "{" && $0 != " " } == current)
                let end = try #require(line.lastIndex(of: " "))
                #expect(samples.insert(line[..<end]).inserted, "\(line)")
                #expect(line[end...] == " +Inf" || Double(line[end...].dropFirst()) != nil)
            }
        }
        #expect(families.count == 8)
    }

    /// Prints each sample of a file, or nothing without one.
    static let parser = """
        import sys
        from prometheus_client.parser import text_string_to_metric_families as parse
        for family in parse(open(sys.argv[1], newline='').read()) if len(sys.argv) > 1 else []:
            for sample in family.samples:
                print(family.type, sample.name, sorted(sample.labels.items()), float(sample.value))
        """

    static func python(_ arguments: String...) throws -> Program.Outcome {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try Program(path: "/usr/bin/env").run(
            ["python3", "-c", parser] + arguments, environment: ["PATH": path, "PYTHONIOENCODING": "utf-8"])
    }

    @Test(
        "Prometheus's own parser for Python reads the same back",
        .enabled(if: (try? python().status) == 0, "needs python3 with prometheus_client"))
    func parsedByPrometheus() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/metrics"
        try Self.metrics.prometheusText.write(toFile: file, atomically: false, encoding: .utf8)
        let outcome = try Self.python(file)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let labels = "[('action', 'POST http://127.0.0.1:1/'), ('outcome', 'failed')]"
        #expect(outcome.output.contains("counter latchkey_agent_reactions_total \(labels) 5.0\n"))
        #expect(outcome.output.contains(##"('reference', 'odd "quoted\\" {a="b"}\n# TYPE x gauge"##))
        #expect(outcome.output.split(separator: "\n").count == 26)
    }

    @Test("nothing told yet")
    func empty() {
        let text = AgentMetrics().prometheusText
        #expect(text.split(separator: "\n").count == 3 && text.hasSuffix("latchkey_agent_refresh_interval_seconds 0\n"))
    }

    /// A secret comes as `SecretBytes`, or as bytes: neither fits into any field, nor anything that could hold one.
    @Test("no field's type can hold a secret")
    func types() {
        var seen: Set<String> = []
        func visit(_ value: Any) {
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .optional || mirror.displayStyle == .collection {
                #expect(!mirror.children.isEmpty || mirror.displayStyle == .optional, "nothing to look at")
            } else {
                seen.insert("\(type(of: value))")
            }
            guard !(value is String), !(value is StaticString) else { return }
            for child in mirror.children { visit(child.value) }
        }
        visit(Self.metrics)
        #expect(
            seen == [
                "AgentMetrics", "Secret", "Looks", "ReactionReport", "State", "String", "StaticString", "Double", "Int",
            ])
    }

    @Test("an action's label leaves the query of a URL out")
    func labels() throws {
        let canary = "s3cr3t"
        let request = AgentPlan.LoopbackRequest(method: "PUT", url: "http://127.0.0.1:8/a/b?t=\(canary)", status: 204)
        #expect(AgentPlan.Action.request(request).label == "PUT http://127.0.0.1:8/a/b 204")
        #expect(AgentPlan.Action.signal(try #require(Signal(name: "SIGUSR1"))).label == "signal SIGUSR1")
        #expect(
            AgentPlan.Action.restartByProbe(containers: ["web", "worker"], windowSeconds: 1).label
                == "restart web, worker")
        #expect(AgentPlan.Action.restartBySignal(graceSeconds: 3).label == "restart")
    }
}
