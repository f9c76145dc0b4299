import JSON
import NIOCore

/// A whole answer.
struct HTTPAnswer: Sendable {
    var status: Int
    var contentType: StaticString
    var body: [UInt8]
    /// The methods of a 405.
    var allow: StaticString?

    /// A JSON document.
    static func json(_ body: [UInt8]) -> HTTPAnswer {
        HTTPAnswer(status: 200, contentType: "application/json", body: body)
    }

    /// One line of text.
    static func text(_ status: Int, _ line: String) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array((line + "\n").utf8))
    }

    /// A failure. It is a metav1.Status because an apiserver shows the message of nothing else to its user.
    static func failure(_ status: Int, _ message: String, allow: StaticString? = nil) -> HTTPAnswer {
        let document: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "reason": .string(reason(status)), "code": .number(JSONNumber(status)),
        ]
        return HTTPAnswer(
            status: status, contentType: "application/json", body: document.serialized(), allow: allow)
    }

    /// Kubernetes' name of a status code (k8s.io/apimachinery, StatusReason).
    private static func reason(_ status: Int) -> String {
        switch status {
        case 400: "BadRequest"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 408: "Timeout"
        case 413: "RequestEntityTooLarge"
        case 415: "UnsupportedMediaType"
        case 503: "ServiceUnavailable"
        default: "InternalError"
        }
    }

    private var phrase: StaticString {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        default: "Other"
        }
    }

    /// Head and body in one buffer: one TLS record, one write.
    func encoded(closes: Bool, withoutBody: Bool, allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 192 + body.count)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeStaticString(phrase)
        buffer.writeStaticString("\r\nContent-Type: ")
        buffer.writeStaticString(contentType)
        if let allow {
            buffer.writeStaticString("\r\nAllow: ")
            buffer.writeStaticString(allow)
        }
        buffer.writeStaticString("\r\nContent-Length: ")
        buffer.writeString(String(body.count))
        buffer.writeStaticString(closes ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n")
        if !withoutBody { buffer.writeBytes(body) }
        return buffer
    }
}
