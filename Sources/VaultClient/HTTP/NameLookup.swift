internal import Glibc
internal import Synchronization

/// Tells a name that does not exist from a name service that does not answer, which libcurl reports alike.
enum NameLookup {
    /// Whether the name service says that a host has no address. Blocks.
    static func isDefinitelyUnknown(_ host: String) -> Bool {
        var addresses: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, nil, &addresses)
        if let addresses { freeaddrinfo(addresses) }
        // EAI_NODATA (-5), which glibc declares for its own extensions only, is a name without an address.
        return result == EAI_NONAME || result == -5
    }

    /// Whether the name service says in time that a host has no address; false where nobody waits any more.
    /// - Parameter isUnknown: asks, and may block: it has a thread of its own, which ends with it and not before.
    static func confirmUnknown(
        _ host: String, within limit: Duration,
        isUnknown: @escaping @Sendable (String) -> Bool = NameLookup.isDefinitelyUnknown
    ) async -> Bool {
        guard limit > .zero else { return false }
        let question = Question(host: host, isUnknown: isUnknown)
        let timer = Task {
            try? await Task.sleep(for: limit)
            question.answer(false)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { question.ask($0) }
        } onCancel: {
            question.answer(false)
        }
    }

    /// A question with one answer: the first.
    private final class Question: Sendable {
        private enum State {
            case new
            case asked(CheckedContinuation<Bool, Never>)
            case answered(Bool)
        }

        private let host: String
        private let isUnknown: @Sendable (String) -> Bool
        private let state = Mutex(State.new)

        init(host: String, isUnknown: @escaping @Sendable (String) -> Bool) {
            self.host = host
            self.isUnknown = isUnknown
        }

        func answer(_ answer: Bool) {
            let waiting: CheckedContinuation<Bool, Never>? = state.withLock { state in
                switch state {
                case .new:
                    state = .answered(answer)
                    return nil
                case .asked(let continuation):
                    state = .answered(answer)
                    return continuation
                case .answered: return nil
                }
            }
            waiting?.resume(returning: answer)
        }

        func ask(_ continuation: CheckedContinuation<Bool, Never>) {
            let early: Bool? = state.withLock { state in
                if case .answered(let answer) = state { return answer }
                state = .asked(continuation)
                return nil
            }
            if let early { return continuation.resume(returning: early) }
            let argument = Unmanaged.passRetained(self).toOpaque()
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let question = Unmanaged<Question>.fromOpaque(argument).takeRetainedValue()
                    question.answer(question.isUnknown(question.host))
                    return nil
                }, argument)
            if status == 0 {
                pthread_detach(thread)
            } else {
                Unmanaged<Question>.fromOpaque(argument).release()
                answer(false)
            }
        }
    }
}
