import Foundation
import Testing

@testable import Agent

@Suite("What the agent says")
struct ConsoleTests {
    @Test("one line, whatever a sentence quotes")
    func oneLine() {
        #expect(Console.line("a\nb\r\tc\0d\u{7F}e\u{85}f\u{2028}g\u{202E}h") == "a b  c d e f g h")
        #expect(Console.line("Grüße, 世界 🔑") == "Grüße, 世界 🔑")
    }

    @Test("a sentence is not endless and is cut between characters", arguments: ["x", "é", "世", "🔑"])
    func cut(character: String) {
        let line = Console.line(String(repeating: character, count: 5000))
        #expect(line.utf8.count <= Console.maximumSentenceLength)
        #expect(line.utf8.count > Console.maximumSentenceLength - 8)
        #expect(line.hasSuffix("\(character) ..."))
        let whole = String(repeating: character, count: 500)
        #expect(Console.line(whole) == whole)
    }

    @Test("the termination message fits and is cut between lines", arguments: [1, 2, 3, 5, 40, 41, 42, 100, 5000])
    func terminationMessage(count: Int) {
        let lines = (0..<count).map { "failure \($0) " + String(repeating: ".", count: $0 % 7 * 40) }
        let message = Console.terminationMessage(lines)
        #expect(message.utf8.count <= 4096)
        let shown = message.split(separator: "\n").map(String.init)
        if shown.count == count, shown == lines { return }
        let whole = Array(shown.dropLast())
        #expect(whole == Array(lines.prefix(whole.count)))
        #expect(shown.last == "... and \(count - whole.count) more, see the container's log")
        // Another line would not have fitted.
        let next = lines[whole.count]
        #expect(message.utf8.count + next.utf8.count + 1 > 4096)
    }

    @Test("a failure goes to the termination file, which is emptied first, and is not created")
    func terminationFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/message"
        let console = Console(environment: ["LATCHKEY_TERMINATION_LOG": path])
        console.report(AgentFailure(.write, ["one", "two"]))
        #expect(!FileManager.default.fileExists(atPath: path))
        try Data("something longer from before".utf8).write(to: URL(fileURLWithPath: path))
        console.report(AgentFailure(.write, ["one", "t\nwo"]))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\nt wo\n")
    }
}
