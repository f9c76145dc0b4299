import Glibc
import NIOPosix
import Synchronization

/// Writes lines to a file descriptor from a thread of its own, so that a reader that stalls does not stall admissions.
/// What does not fit into the buffer is dropped and counted.
final class DescriptorSink: LogSink {
    private struct State {
        var pending: [UInt8] = []
        var isWriting = false
        var dropped: UInt64 = 0
    }

    private let descriptor: Int32
    private let capacity: Int
    private let state = Mutex(State())
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// - Parameter capacity: bytes that wait at most.
    init(descriptor: Int32, capacity: Int = 4 << 20) {
        self.descriptor = descriptor
        self.capacity = capacity
        thread.start()
    }

    /// Lines that were dropped because nobody took them.
    var dropped: UInt64 { state.withLock { $0.dropped } }

    func write(_ line: [UInt8]) {
        let mustStart = state.withLock { state in
            guard state.pending.count + line.count <= capacity else {
                state.dropped += 1
                return false
            }
            state.pending += line
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { thread.submit { _ in self.drain() } }
    }

    func flush() {
        let deadline = MonotonicTime.now() + 2_000_000_000
        while state.withLock({ $0.isWriting }), MonotonicTime.now() < deadline { usleep(1000) }
    }

    private func drain() {
        while true {
            let batch = state.withLock { state in
                var batch: [UInt8] = []
                swap(&batch, &state.pending)
                if batch.isEmpty { state.isWriting = false }
                return batch
            }
            if batch.isEmpty { return }
            writeAll(batch)
        }
    }

    private func writeAll(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR || errno == EAGAIN {
                    if errno == EAGAIN { usleep(1000) }
                    continue
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
