import NIOHTTP1

/// The HTTPS port: reviews, and the probes for whoever can only reach this one.
struct AdmissionRouter: RequestRouter {
    static let path = "/mutate"

    let endpoint: AdmissionEndpoint
    let health: Health

    func plan(for head: HTTPRequestHead) -> RequestPlan {
        switch head.path {
        case "/mutate":
            guard head.method == .POST else {
                return .answer(.failure(405, "reviews are sent with POST", allow: "POST"))
            }
            return isJSON(head.headers)
                ? .review : .answer(.failure(415, "a review is sent as application/json without a content encoding"))
        case "/livez", "/readyz":
            return .answer(health.answer(head))
        default:
            return .answer(.failure(404, "there is nothing here; reviews go to /mutate"))
        }
    }

    func label(ofPath path: Substring) -> String {
        switch path {
        case "/mutate", "/livez", "/readyz": String(path)
        default: "other"
        }
    }

    func review(_ body: [UInt8]) -> ReviewStep { endpoint.review(body) }

    private func isJSON(_ headers: HTTPHeaders) -> Bool {
        guard let type = headers.first(name: "content-type") else { return false }
        let media = type.prefix { $0 != ";" && $0 != " " }
        let encoding = headers.first(name: "content-encoding") ?? "identity"
        return media.lowercased() == "application/json" && encoding.lowercased() == "identity"
    }
}
