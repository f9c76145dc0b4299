import CLinux
import Glibc
import SecretSpec

/// One process, so held that a signal never reaches another one that got its number: by a descriptor of the kernel's,
/// or where the kernel has none (before Linux 5.3, gVisor) by a look at when it started right before each signal.
final class ProcessHandle: Sendable {
    let entry: ProcessTable.Entry
    private let table: ProcessTable
    /// Below 0 where the kernel has none.
    private let descriptor: Int32

    /// Nil where the process is gone.
    init?(_ entry: ProcessTable.Entry, table: ProcessTable, usesDescriptor: Bool = true) throws(ReactionError) {
        self.entry = entry
        self.table = table
        descriptor = usesDescriptor ? lk_process_descriptor(entry.process) : -1
        // ENOSYS, or EPERM of an old seccomp profile: by number then. ESRCH, EINVAL: gone.
        if usesDescriptor, descriptor < 0, errno == EMFILE || errno == ENFILE || errno == ENOMEM {
            throw .system(attempt: "open a descriptor for process \(entry.process)", code: errno)
        }
        // Only now does the number surely stand for what the descriptor holds: a process that took it over since it was
        // found started later.
        guard isSame else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Fails where a signal would not be let through.
    func check(_ signal: Signal) throws(ReactionError) {
        try send(number: 0, for: signal)
    }

    /// Whether the process was still there.
    @discardableResult
    func send(_ signal: Signal) throws(ReactionError) -> Bool {
        try send(number: signal.number, for: signal)
    }

    /// A zombie has ended, too.
    var hasEnded: Bool {
        guard descriptor >= 0 else { return !isSame }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 0) == 1
    }

    private var isSame: Bool {
        guard let now = table.entry(entry.process) else { return false }
        return now.started == entry.started && !now.isZombie
    }

    @discardableResult
    private func send(number: Int32, for signal: Signal) throws(ReactionError) -> Bool {
        if descriptor >= 0 {
            if lk_process_signal(descriptor, number) == 0 { return true }
            if errno == ESRCH { return false }
            // It may also be the call that a seccomp profile forbids: kill(2) tells.
        }
        guard isSame else { return false }
        if kill(entry.process, number) == 0 { return true }
        switch errno {
        case ESRCH: return false
        case EPERM: throw .forbidden(signal, user: geteuid(), processUser: table.user(entry.process))
        default: throw .system(attempt: "send \(signal) to process \(entry.process)", code: errno)
        }
    }
}
