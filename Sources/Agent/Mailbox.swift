import CLinux
import Glibc
import Synchronization

/// What tasks and threads hand to the main thread, which waits for a descriptor.
final class Mailbox<Message: Sendable>: Sendable {
    /// Readable while there is something in it.
    let descriptor: Int32
    private let messages = Mutex<[Message]>([])

    init() throws(AgentFailure) {
        descriptor = lk_event_descriptor()
        guard descriptor >= 0 else {
            throw AgentFailure(.system, "cannot open a descriptor for events: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Puts a message in; from any thread.
    func post(_ message: Message) {
        messages.withLock { messages in
            messages.append(message)
            // Under the lock: whoever empties the box clears the descriptor with it.
            if messages.count == 1 { _ = lk_event_signal(descriptor) }
        }
    }

    /// Everything so far, the oldest first.
    func takeAll() -> [Message] {
        messages.withLock { messages in
            guard !messages.isEmpty else { return [] }
            _ = lk_event_clear(descriptor)
            defer { messages = [] }
            return messages
        }
    }
}
