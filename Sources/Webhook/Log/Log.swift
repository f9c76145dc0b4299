import JSON

/// Structured logs: one JSON object per line.
///
/// Nothing of a pod but its name and namespace may go in: no annotation, no value, no image.
final class Log: Sendable {
    private let level: LogLevel
    private let sink: any LogSink

    init(level: LogLevel, sink: any LogSink) {
        self.level = level
        self.sink = sink
    }

    /// Writes a line if its level is wanted.
    func write(_ level: LogLevel, _ message: String, _ fields: @autoclosure () -> [(String, LogField)] = []) {
        guard level >= self.level else { return }
        var line: [UInt8] = []
        line.reserveCapacity(384)
        line.append(contentsOf: "{\"time\":\"\(Timestamp.now().rfc3339)\",\"level\":\"\(level.rawValue)\",".utf8)
        line.append(contentsOf: "\"message\":".utf8)
        LogField.text(message).write(to: &line)
        for (name, value) in fields() {
            line.append(contentsOf: ",\"\(name)\":".utf8)
            value.write(to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
        sink.write(line)
    }

    /// Waits until everything written so far has left the process.
    func flush() { sink.flush() }
}

/// Where log lines go. Must not block for long: event loops call it.
protocol LogSink: Sendable {
    /// Takes a line with its line feed.
    func write(_ line: [UInt8])
    /// Waits until every line taken has been passed on.
    func flush()
}

extension LogSink {
    func flush() {}
}
