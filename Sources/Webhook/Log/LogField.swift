import JSON

/// A value in a log line.
enum LogField: Sendable {
    case text(String)
    case integer(Int)
    case seconds(Duration)
    case flag(Bool)

    /// Texts come from reviews that anybody may have sent: they are cut.
    private static let maximumLength = 512

    /// By scalars: one `Character` may be as long as the whole text.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumLength else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(maximumLength / 4))) + "..."
    }

    /// Appends the value as JSON.
    func write(to line: inout [UInt8]) {
        switch self {
        case .text(let text):
            JSONValue.string(LogField.cut(text)).write(to: &line)
        case .integer(let number): line.append(contentsOf: String(number).utf8)
        case .seconds(let duration): line.append(contentsOf: duration.inSeconds.description.utf8)
        case .flag(let truth): line.append(contentsOf: (truth ? "true" : "false").utf8)
        }
    }
}
