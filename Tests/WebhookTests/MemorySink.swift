import JSON
import Synchronization

@testable import Webhook

/// Keeps log lines for a test to look at.
final class MemorySink: LogSink {
    private let content = Mutex<[UInt8]>([])

    func write(_ line: [UInt8]) { content.withLock { $0 += line } }

    var text: String { String(decoding: content.withLock { $0 }, as: UTF8.self) }

    /// Every line, parsed; a line that is not JSON is `.null`.
    var lines: [JSONValue] {
        content.withLock { $0 }.split(separator: 0x0A).map { (try? JSONValue(parsing: Array($0))) ?? .null }
    }
}
