/// What ``LocalServer`` answers.
struct LocalAnswer: Sendable, Equatable {
    let status: Int
    let contentType: String
    let body: String

    init(status: Int, contentType: String = "text/plain; charset=utf-8", body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// One line of text.
    static func line(_ status: Int, _ text: String) -> Self { Self(status: status, body: text + "\n") }

    /// An answer that says no more than its status.
    static func refusal(_ status: Int) -> Self { .line(status, reason(status)) }

    /// Head and, unless only the head is asked for, body.
    func bytes(headOnly: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.utf8.count)\r\n"
        if status == 405 { head += "Allow: GET, HEAD\r\n" }
        head += "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + (headOnly ? [] : Array(body.utf8))
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
