/// What a connection waits for.
enum ConnectionPhase: UInt8, Sendable {
    /// The end of the first request's head, TLS handshake included.
    case opening
    /// The end of a later request's head; bytes of it have come.
    case head
    /// The rest of a body.
    case body
    /// Our own answer.
    case answering
    /// The client, to take the answer.
    case writing
    /// The first byte of the next request.
    case idle
    /// The client, to see that it was answered early.
    case lingering

    /// Why a connection whose time ran out in this phase was closed; the metric's label.
    var timeoutReason: String {
        switch self {
        case .opening, .head: "head-timeout"
        case .body: "body-timeout"
        case .answering, .writing: "write-timeout"
        case .idle: "idle-timeout"
        case .lingering: "answered-early"
        }
    }
}
