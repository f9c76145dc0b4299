import JSON
import Foundation
import Testing

@testable import Webhook

@Suite struct MetricsTests {
    private static let parser = """
        import sys, json
        from prometheus_client.parser import text_string_to_metric_families
        print(json.dumps({f.name: [f.type, [[s.name, s.labels, s.value] for s in f.samples]]
            for f in text_string_to_metric_families(sys.stdin.read())}))
        """

    private static let hasParser: Bool =
        (try? Subprocess.run("/usr/bin/env", ["python3", "-c", "import prometheus_client"]).status) == 0

    private func exercise(_ test: TestServer) async throws -> String {
        let client = try await test.connect()
        _ = try await client.exchange(Reviews.request(Reviews.review()))
        _ = try await client.exchange(Reviews.request(Reviews.needingServiceAccount()))
        _ = try await client.exchange(Reviews.request([]))
        _ = try await client.exchange("GET /\"odd\"\\path HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try await test.scrape("/metrics")
        #expect(answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        return answer.text
    }

    @Test func theExpositionHoldsWhatWasDone() async throws {
        try await TestServer.with { test in
            let text = try await exercise(test)
            for line in [
                "latchkey_http_requests_total{path=\"/mutate\",code=\"200\"} 2",
                "latchkey_http_requests_total{path=\"/mutate\",code=\"400\"} 1",
                "latchkey_http_requests_total{path=\"other\",code=\"404\"} 1",
                "latchkey_admission_reviews_total{decision=\"skip\",reason=\"not-selected\"} 1",
                "latchkey_admission_reviews_total{decision=\"inject\",reason=\"injected\"} 1",
                "latchkey_admission_duration_seconds_count 2", "latchkey_admission_reviews_in_flight 0",
                "latchkey_http_connections{listener=\"admission\"} 1", "latchkey_ready 1",
            ] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
        }
    }

    /// Every line keeps to the grammar, every sample belongs to the family before it, names keep to the conventions.
    @Test func theExpositionIsWellFormed() async throws {
        try await TestServer.with { test in
            var family = ""
            var families: Set<String> = []
            for line in try await exercise(test).split(separator: "\n") {
                if let match = line.wholeMatch(of: #/# TYPE (\w+) (counter|gauge|histogram)/#) {
                    family = String(match.1)
                    #expect(families.insert(family).inserted)
                    #expect(family.hasPrefix("latchkey_") || family.hasPrefix("process_"))
                    #expect(family.hasSuffix("_total") == (match.2 == "counter"))
                } else if line.hasPrefix("#") {
                    #expect(
                        line.wholeMatch(of: #/# HELP \w+ [A-Z].*\./#) != nil || line.contains("always 1."), "\(line)")
                } else {
                    let sample = try #require(
                        line.wholeMatch(of: #/(\w+)(\{(\w+="[^"\\]*"(,\w+="[^"\\]*")*)\})? (-?[0-9.e+-]+|\+Inf)/#),
                        "\(line)")
                    #expect(sample.1.hasPrefix(family))
                }
            }
            for name in [
                "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "latchkey_build_info",
            ] {
                #expect(families.contains(name))
            }
        }
    }

    @Test(.enabled(if: hasParser, "the Python package prometheus-client is missing"))
    func prometheusOwnParserReadsIt() async throws {
        try await TestServer.with { test in
            let text = try await exercise(test)
            let result = try Subprocess.run("/usr/bin/env", ["python3", "-c", Self.parser], input: Array(text.utf8))
            #expect(result.status == 0, "\(result.errors)")
            #expect(
                result.output.contains(
                    "[\"latchkey_http_requests_total\", {\"path\": \"/mutate\", \"code\": \"200\"}, 2"))
            #expect(result.output.contains("\"latchkey_admission_duration_seconds\": [\"histogram\""))
        }
    }
}
