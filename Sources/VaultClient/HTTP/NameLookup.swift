internal import Glibc

/// Tells a name that does not exist from a name service that does not answer, which libcurl reports alike.
enum NameLookup {
    /// Whether the name service says that a host has no address. Blocks; called on a thread of its own.
    private static func isDefinitelyUnknown(_ host: String) -> Bool {
        var addresses: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, nil, &addresses)
        if let addresses { freeaddrinfo(addresses) }
        // EAI_NODATA (-5), which glibc declares for its own extensions only, is a name without an address.
        return result == EAI_NONAME || result == -5
    }

    /// Whether the name service says that a host has no address.
    static func confirmUnknown(_ host: String) async -> Bool {
        await withCheckedContinuation { continuation in
            let question = Question(host: host, continuation: continuation)
            let argument = Unmanaged.passRetained(question).toOpaque()
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let question = Unmanaged<Question>.fromOpaque(argument).takeRetainedValue()
                    question.continuation.resume(returning: NameLookup.isDefinitelyUnknown(question.host))
                    return nil
                }, argument)
            if status == 0 {
                pthread_detach(thread)
            } else {
                Unmanaged<Question>.fromOpaque(argument).release()
                continuation.resume(returning: false)
            }
        }
    }

    private final class Question: Sendable {
        let host: String
        let continuation: CheckedContinuation<Bool, Never>

        init(host: String, continuation: CheckedContinuation<Bool, Never>) {
            self.host = host
            self.continuation = continuation
        }
    }
}
