import NIOHTTP1

/// What is to be done about a request, by its head alone.
enum RequestPlan {
    /// The same answer whatever the body is.
    case answer(HTTPAnswer)
    /// The body decides.
    case review
}

/// Who answers what on one listener.
protocol RequestRouter: Sendable {
    func plan(for head: HTTPRequestHead) -> RequestPlan
    /// The path as a metric's label, out of a closed set.
    func label(ofPath path: Substring) -> String
    /// Answers a review; the body is whole.
    func review(_ body: [UInt8]) -> ReviewStep
}

/// How far a review is.
enum ReviewStep: Sendable {
    case answer(HTTPAnswer)
    /// Something has to be asked first.
    case pending(@Sendable () async -> HTTPAnswer)
}

extension HTTPRequestHead {
    /// The URI's path without its query.
    var path: Substring { uri.prefix { $0 != "?" } }
}
