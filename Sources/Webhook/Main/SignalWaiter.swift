import Glibc

/// Takes the process's signals one by one on the thread that asks, instead of in handlers.
struct SignalWaiter {
    /// What a signal asks for.
    enum Request: Sendable {
        case terminate
        case hangUp
    }

    private var set = sigset_t()

    /// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it makes, and ignores SIGPIPE.
    init() {
        sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for the next signal.
    func wait() -> Request {
        var set = set
        while true {
            var received: Int32 = 0
            guard sigwait(&set, &received) == 0 else { continue }
            return received == SIGHUP ? .hangUp : .terminate
        }
    }

    /// Waits so long at most; nil where none came.
    func wait(milliseconds: Int) -> Request? {
        var set = set
        var timeout = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        switch sigtimedwait(&set, nil, &timeout) {
        case SIGTERM, SIGINT: return .terminate
        case SIGHUP: return .hangUp
        default: return nil
        }
    }
}
