import Glibc
package import SecretSpec

/// The application's processes, as far as signals are for them: in a process namespace that the pod's containers share,
/// the main process of every other container that mounts the volume.
///
/// A container mounts the volume under a mount id of its own, which all its processes see in their mountinfo
/// (proc_pid_mountinfo(5)); its oldest process without a parent in the namespace is its main process. What `kubectl
/// exec` or a probe starts has no parent there either, but is younger.
///
/// The containers of process 1 and of the agent are left out. Process 1 is the sandbox, which mounts nothing, unless
/// the namespace is the node's or another container's: then it is nobody whom a signal is for, and neither is any
/// other.
package struct MainProcesses: Sendable {
    private let directory: String
    private let table: ProcessTable

    /// Those that mount the file system of a directory.
    package init(of directory: String) { self.init(of: directory, table: ProcessTable()) }

    init(of directory: String, table: ProcessTable) {
        self.directory = directory
        self.table = table
    }

    /// Sends a signal to every main process, or to none where one of them may not be sent to: what fails is tried
    /// again, and nobody is to get a signal with every try.
    package func send(_ signal: Signal) throws(ReactionError) {
        let processes = try find()
        try send(signal, to: processes)
    }

    /// SIGTERM, and SIGKILL to those of the very same processes that are still there after `grace`.
    package func end(grace: Duration) async throws(ReactionError) {
        let deadline = ContinuousClock.now + grace
        guard let terminate = Signal(name: "SIGTERM"), let kill = Signal(name: "SIGKILL") else { return }
        var processes = try find()
        try send(terminate, to: processes)
        while true {
            processes.removeAll(where: \.hasEnded)
            if processes.isEmpty { return }
            let left = deadline - .now
            guard left > .zero else { break }
            guard (try? await Task.sleep(for: min(left, .milliseconds(100)))) != nil else { return }
        }
        for process in processes { try process.send(kill) }
    }

    private func send(_ signal: Signal, to processes: [ProcessHandle]) throws(ReactionError) {
        for process in processes { try process.check(signal) }
        var count = 0
        for process in processes where try process.send(signal) { count += 1 }
        guard count > 0 else { throw .noProcess(directory: directory) }
    }

    /// At least one.
    func find() throws(ReactionError) -> [ProcessHandle] {
        var handles: [ProcessHandle] = []
        for entry in try candidates() {
            if let handle = try ProcessHandle(entry, table: table) { handles.append(handle) }
        }
        guard !handles.isEmpty else { throw .noProcess(directory: directory) }
        return handles
    }

    /// The main processes by their number, as they were a moment ago.
    func candidates() throws(ReactionError) -> [ProcessTable.Entry] {
        var status = stat()
        guard stat(directory, &status) == 0 else { throw .system(attempt: "look at '\(directory)'", code: errno) }
        let volume = DeviceNumber(status.st_dev)
        let own = table.mounts(of: "self", on: volume)
        guard table.mounts(of: "1", on: volume).isEmpty else { throw .noProcess(directory: directory) }

        var oldest: [UInt64: ProcessTable.Entry] = [:]
        for process in try table.processes() {
            guard let entry = table.entry(process), entry.parent == 0 else { continue }
            for mount in table.mounts(of: "\(process)", on: volume).subtracting(own) {
                if let other = oldest[mount], !entry.isOlder(than: other) { continue }
                oldest[mount] = entry
            }
        }
        // A container may mount the volume more than once.
        return Set(oldest.values).sorted { $0.process < $1.process }
    }
}
