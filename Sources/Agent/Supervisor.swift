import CLinux
import Glibc
import Synchronization

/// Runs asynchronous work under a synchronous `main` (an asynchronous one costs milliseconds), so that a signal or the
/// deadline ends the waiting at once, whatever the work is doing.
struct Supervisor: ~Copyable {
    enum Outcome<Result: Sendable>: Sendable {
        case finished(Result)
        case terminated
        case late
    }

    private let termination: Int32
    private let completion: Int32

    /// Takes SIGTERM and SIGINT over from their default actions. Before any other thread starts: those inherit it.
    init() throws(SystemError) {
        termination = lk_termination_descriptor()
        completion = lk_event_descriptor()
        guard termination >= 0, completion >= 0 else {
            throw SystemError(attempt: .open, subject: "a descriptor for signals", code: errno)
        }
    }

    deinit {
        close(termination)
        close(completion)
    }

    /// Whether a signal has asked for the end.
    var isTerminated: Bool { lk_wait_readable(termination, completion, 0) == 0 }

    /// Waits for `work`. Where it does not finish, it is cancelled and left behind: the process is about to end.
    func wait<Result: Sendable>(
        until deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async -> Result
    ) -> Outcome<Result> {
        let box = ResultBox<Result>()
        // A descriptor of the task's own: it may outlive this value.
        let signal = dup(completion)
        let task = Task {
            box.result.withLock { [result = await work()] in $0 = result }
            _ = lk_event_signal(signal)
            close(signal)
        }
        let left = (deadline - .now).components
        let milliseconds = max(0, left.seconds) * 1000 + max(0, left.attoseconds / 1_000_000_000_000_000)
        let event = lk_wait_readable(termination, completion, milliseconds)
        if event == 1, let result = box.result.withLock({ $0 }) { return .finished(result) }
        task.cancel()
        return event == 0 ? .terminated : .late
    }
}

private final class ResultBox<Result: Sendable>: Sendable {
    let result = Mutex<Result?>(nil)
}
