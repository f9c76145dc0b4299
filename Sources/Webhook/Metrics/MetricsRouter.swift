import NIOHTTP1

/// The plain HTTP port: metrics and probes.
struct MetricsRouter: RequestRouter {
    let health: Health
    let exposition: @Sendable () -> [UInt8]

    func plan(for head: HTTPRequestHead) -> RequestPlan {
        switch head.path {
        case "/livez", "/readyz":
            return .answer(health.answer(head))
        case "/metrics":
            guard head.method == .GET || head.method == .HEAD else {
                return .answer(.failure(405, "metrics are read with GET", allow: "GET, HEAD"))
            }
            return .answer(
                HTTPAnswer(status: 200, contentType: PrometheusText.contentType, body: exposition()))
        default:
            return .answer(.failure(404, "there is nothing here; metrics are at /metrics"))
        }
    }

    func label(ofPath path: Substring) -> String {
        switch path {
        case "/metrics", "/livez", "/readyz": String(path)
        default: "other"
        }
    }

    func review(_ body: [UInt8]) -> ReviewStep { .answer(.failure(404, "reviews go to the other port")) }
}
