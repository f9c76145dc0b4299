import CLinux
import Glibc

/// The main thread's waiting: a synchronous `main` (an asynchronous one costs milliseconds) that a signal ends at once,
/// whatever the work is doing.
struct Supervisor: ~Copyable {
    enum Outcome<Result: Sendable>: Sendable {
        case finished(Result)
        case terminated
        case late
    }

    /// The longest sleep. The clock of deadlines goes on while the machine is suspended, the one of poll(2) does not:
    /// after a pause of the machine what is due begins at most so much later.
    static let slice = Duration.seconds(15)

    private let termination: Int32

    /// Takes SIGTERM and SIGINT over from their default actions. Before any other thread starts: those inherit it.
    init() throws(AgentFailure) {
        termination = lk_termination_descriptor()
        guard termination >= 0 else {
            throw AgentFailure(.system, "cannot open a descriptor for signals: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(termination) }

    /// Whether a signal has asked for the end.
    var isTerminated: Bool {
        var descriptors: [pollfd] = []
        return !sleep(until: .now, &descriptors)
    }

    /// Sleeps until one of the descriptors is ready, the time has come or a slice of it has passed. False where a signal
    /// asks for the end.
    func sleep(until deadline: ContinuousClock.Instant?, _ descriptors: inout [pollfd]) -> Bool {
        descriptors.append(pollfd(fd: termination, events: Int16(POLLIN), revents: 0))
        defer { descriptors.removeLast() }
        let time = max(.zero, min(deadline.map { $0 - .now } ?? Self.slice, Self.slice)).components
        // Rounded up: a little too late rather than a round of waking up too early.
        let milliseconds = time.seconds * 1000 + (time.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        poll(&descriptors, nfds_t(descriptors.count), Int32(truncatingIfNeeded: milliseconds))
        return descriptors.last?.revents == 0
    }

    /// Waits for `work`. Where it does not finish, it is cancelled and left behind: the process is about to end.
    func wait<Result: Sendable>(
        until deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async -> Result
    ) throws(AgentFailure) -> Outcome<Result> {
        let mailbox = try Mailbox<Result>()
        let task = Task { mailbox.post(await work()) }
        while true {
            var descriptors = [pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)]
            guard sleep(until: deadline, &descriptors) else {
                task.cancel()
                return .terminated
            }
            if let result = mailbox.takeAll().first { return .finished(result) }
            guard ContinuousClock.now < deadline else {
                task.cancel()
                return .late
            }
        }
    }
}
