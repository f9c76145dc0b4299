import Glibc

/// One connection of ``LocalServer``, from its head to the end of the answer. Nothing here blocks or grows: the head
/// has a limit, the answer is one, and what else the client sends is dropped.
final class LocalConnection {
    private static let mostDroppedBytes = 64 << 10

    private enum State {
        case reading([UInt8])
        case writing([UInt8], from: Int)
        /// The answer is out and our end closed: a client that was still sending would lose it by a reset.
        case draining(left: Int)
        case over
    }

    let descriptor: Int32
    /// When it is dropped, whatever it is doing.
    let deadline: ContinuousClock.Instant
    private var state = State.reading([])

    init(descriptor: Int32, deadline: ContinuousClock.Instant) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    deinit { close(descriptor) }

    var isOver: Bool { if case .over = state { true } else { false } }

    /// What poll(2) is to wait for.
    var events: Int16 {
        if case .writing = state { Int16(POLLOUT) } else { Int16(POLLIN) }
    }

    /// Goes as far as it can without waiting.
    func advance(answer: (LocalRequest) -> LocalAnswer?) {
        if case .reading(let head) = state { read(after: head, answer: answer) }
        if case .writing(let bytes, let start) = state { write(bytes, from: start) }
        if case .draining(let left) = state { drain(left: left) }
    }

    private func read(after head: [UInt8], answer: (LocalRequest) -> LocalAnswer?) {
        guard let chunk = receive(LocalRequest.maximumHeadBytes) else { return }
        let head = head + chunk
        switch LocalRequest.parse(head) {
        case .partial: state = .reading(head)
        case .refused(let status):
            state = .writing(LocalAnswer.refusal(status).bytes(headOnly: false), from: 0)
        case .request(let request):
            state = .writing((answer(request) ?? .refusal(404)).bytes(headOnly: request.isHead), from: 0)
        }
    }

    private func write(_ bytes: [UInt8], from start: Int) {
        let count = bytes[start...].withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count < 0 {
            if ![EAGAIN, EINTR].contains(errno) { state = .over }
        } else if start + count < bytes.count {
            state = .writing(bytes, from: start + count)
        } else {
            shutdown(descriptor, Int32(SHUT_WR))
            state = .draining(left: Self.mostDroppedBytes)
        }
    }

    private func drain(left: Int) {
        guard let chunk = receive(LocalRequest.maximumHeadBytes) else { return }
        state = chunk.count < left ? .draining(left: left - chunk.count) : .over
    }

    /// Nil where there is nothing yet, or nothing any more: then it is over.
    private func receive(_ limit: Int) -> [UInt8]? {
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            initialized = max(0, count)
        }
        if count > 0 { return chunk }
        if count == 0 || ![EAGAIN, EINTR].contains(errno) { state = .over }
        return nil
    }
}
