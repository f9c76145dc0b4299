internal import CCurl
internal import CCurlShim
internal import Glibc
internal import Synchronization

/// The thread that owns libcurl's multi handle. Others hand it requests through a locked queue and wake it up.
final class TransferLoop: Sendable {
    typealias Completion = @Sendable (Result<HTTPResponse, HTTPError>) -> Void

    private struct Submission {
        let id: UInt64
        let request: HTTPRequest
        let completion: Completion
    }

    private struct State {
        var submissions: [Submission] = []
        var cancellations: [UInt64] = []
        var isRunning = false
        var isStopped = false
        /// The `CURLM *` while the thread runs, to wake it up.
        nonisolated(unsafe) var multi: UnsafeMutableRawPointer?
    }

    private let options: HTTPOptions
    private let state = Mutex(State())
    private let ids = Atomic<UInt64>(0)

    init(_ options: HTTPOptions) {
        self.options = options
    }

    /// A name for a request, for ``cancel(_:)``.
    func nextID() -> UInt64 {
        ids.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Begins a transfer; `completion` is called exactly once.
    func submit(_ id: UInt64, _ request: HTTPRequest, completion: @escaping Completion) {
        let refusal: HTTPError? = state.withLock { state in
            guard !state.isStopped else { return .shutDown }
            if !state.isRunning {
                guard startThread() else { return .invalidRequest(reason: "no thread could be started") }
                state.isRunning = true
            }
            state.submissions.append(Submission(id: id, request: request, completion: completion))
            wake(state)
            return nil
        }
        if let refusal { completion(.failure(refusal)) }
    }

    /// Aborts a transfer; nothing happens where it is over.
    func cancel(_ id: UInt64) {
        state.withLock { state in
            guard state.isRunning else { return }
            state.cancellations.append(id)
            wake(state)
        }
    }

    /// Fails all transfers and ends the thread.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            wake(state)
        }
    }

    private func wake(_ state: borrowing State) {
        // Under the lock: the thread takes the handle away under it before the handle dies.
        if let multi = state.multi { curl_multi_wakeup(multi) }
    }

    private func startThread() -> Bool {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<TransferLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        guard status == 0 else {
            Unmanaged<TransferLoop>.fromOpaque(argument).release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        // Signals are other threads' business; a write to a connection that the peer closed is to fail, not to kill.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        ProcessSetup.run()

        let engine = TransferEngine(options)
        state.withLock { $0.multi = engine.multi }
        while true {
            let (submissions, cancellations, isStopped) = state.withLock { state in
                defer {
                    state.submissions.removeAll()
                    state.cancellations.removeAll()
                }
                return (state.submissions, state.cancellations, state.isStopped)
            }
            for submission in submissions {
                engine.start(submission.id, submission.request, completion: submission.completion)
            }
            for id in cancellations { engine.abort(id, with: .cancelled) }
            if isStopped { break }
            engine.work()
        }
        state.withLock { $0.multi = nil }
        engine.abortAll(with: .shutDown)
    }
}
