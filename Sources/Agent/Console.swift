import CLinux
import Glibc

/// What the agent says: to its log and, of a failure, to the file whose text Kubernetes shows as the container's
/// termination message. Lines carry no time of their own: the container runtime keeps one for each.
struct Console {
    /// Kubernetes takes this many bytes of a termination message.
    static let maximumMessageLength = 4096
    /// A sentence may quote what a server said; more of it than this helps nobody.
    static let maximumSentenceLength = 2048

    let terminationLog: String
    private let output: Int32
    private let errors: Int32

    init(environment: [String: String], output: Int32 = STDOUT_FILENO, errors: Int32 = STDERR_FILENO) {
        terminationLog = environment["LATCHKEY_TERMINATION_LOG"] ?? "/dev/termination-log"
        self.output = output
        self.errors = errors
    }

    /// Prints a line to standard output.
    func say(_ sentence: String) {
        Self.write("latchkey-agent: \(Self.line(sentence))\n", to: output)
    }

    /// Prints a line to standard error.
    func warn(_ sentence: String) {
        Self.write("latchkey-agent: warning: \(Self.line(sentence))\n", to: errors)
    }

    /// Prints a line for each failure to standard error, and the same to the termination message.
    func report(_ failure: AgentFailure) {
        let lines = failure.sentences.map(Self.line)
        Self.write(lines.map { "latchkey-agent: \($0)\n" }.joined(), to: errors)
        let file = lk_open_truncating(terminationLog)
        // Outside of Kubernetes there is none.
        guard file >= 0 else { return }
        Self.write(Self.terminationMessage(lines), to: file)
        close(file)
    }

    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            // Nobody reads it: there is nobody to tell.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// The lines as far as they fit, cut between lines, the last of them saying how many are left out.
    static func terminationMessage(_ lines: [String]) -> String {
        var message = ""
        for (index, line) in lines.enumerated() {
            let more = "... and \(lines.count - index) more, see the container's log"
            let reserve = index + 1 < lines.count ? more.utf8.count + 1 : 0
            guard message.utf8.count + line.utf8.count + 1 + reserve <= maximumMessageLength else {
                return message + more + "\n"
            }
            message += line + "\n"
        }
        return message
    }

    /// A sentence as one line: no control characters, whatever it quotes, and not endless.
    static func line(_ sentence: String) -> String {
        var line = String.UnicodeScalarView()
        var length = 0
        for scalar in sentence.unicodeScalars {
            let isBreak = scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value || 0x2028...0x202E ~= scalar.value
            let shown = isBreak ? " " : scalar
            length += UTF8.width(shown)
            guard length <= maximumSentenceLength - 4 else { return String(line) + " ..." }
            line.append(shown)
        }
        return String(line)
    }
}
