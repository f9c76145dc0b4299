import SecretSpec
import TestSupport
import Testing

@Suite("A command with the wrapper before it")
struct ExecCommandTests {
    static func command(_ command: [String], _ arguments: [String] = [], ours: Set<String>) -> ExecCommand {
        ExecCommand(
            executable: "/run/latchkey/bin/latchkey-exec", environmentFile: "/run/latchkey/env/environment",
            command: command, arguments: arguments
        ) { name in ours.contains(name) }
    }
    static let start = ["/run/latchkey/bin/latchkey-exec", "run"]
    static let end = ["/run/latchkey/env/environment", "--"]

    /// Texts made of what the expansion looks at.
    static func randomText(_ generator: inout SeededGenerator) -> String {
        let pieces = [
            "$", "$$", "(", ")", "$(", "$(A)", "$(B)", "$(C)", "$()", "$(A$(B)", "A", "é", "x", " ", ",", "--",
        ]
        return (0..<Int.random(in: 0...8, using: &generator)).map { _ in
            pieces.randomElement(using: &generator) ?? ""
        }.joined()
    }

    @Test("changes nothing where nothing is ours")
    func untouched() {
        let result = Self.command(["sh", "-c", "echo $(HOME) $$"], ["$(X)"], ours: ["DB"])
        #expect(result.command == Self.start + Self.end + ["sh", "-c", "echo $(HOME) $$"])
        #expect(result.arguments == ["$(X)"])
    }

    @Test("cuts out what may be ours, and only that")
    func cuts() {
        let result = Self.command(
            ["server", "a$$b$(DB)$(HOST)c"], ["--u=$(USER)", "$$(DB)", "last"], ours: ["DB", "USER"])
        #expect(
            result.command == Self.start + ["--join=1,4,4"] + Self.end + ["server", "a$$b", "DB", "$(DB)", "$(HOST)c"])
        #expect(result.arguments == ["--u=", "USER", "$(USER)", "", "$$(DB)", "last"])
    }

    @Test("names that Kubernetes would read as something else are escaped")
    func strangeNames() {
        let result = Self.command(["$(A$(B)"], ours: ["A$(B"])
        #expect(result.command == Self.start + ["--join=4"] + Self.end + ["", "A$$(B", "$(A$(B)", ""])
    }

    /// What the wrapper does with its arguments, as ``ExecWords`` says it.
    static func joined(_ arguments: [String], file: [String: String]) throws -> [String] {
        var rest = arguments.dropFirst(2)
        var counts: [Int] = []
        if let option = rest.first, option.hasPrefix("--join=") {
            counts = option.dropFirst(7).split(separator: ",").compactMap { Int($0) }
            rest = rest.dropFirst()
        }
        try #require(rest.dropFirst().first == "--")
        rest = rest.dropFirst(2)
        var words: [String] = []
        for count in counts {
            let pieces = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            var word = try #require(pieces.first)
            for index in stride(from: 1, to: pieces.count, by: 3) {
                word += (file[pieces[index]] ?? pieces[index + 1]) + pieces[index + 2]
            }
            words.append(word)
        }
        return words + rest
    }

    /// The property that all of this is for: Kubernetes, which knows another value of ours or none, and then the
    /// wrapper come to what Kubernetes alone would have made of the real values.
    @Test("two stages come to what Kubernetes alone would do", arguments: 0..<100 as Range<UInt64>)
    func twoStages(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let names = ["A", "B", "C", "A$(B", "DNE"]
            var known: [String: String] = [:]
            var file: [String: String] = [:]
            for name in names {
                if generator.once(in: 2) { known[name] = Self.randomText(&generator) }
                if generator.once(in: 2) { file[name] = Self.randomText(&generator) }
            }
            // At admission more may be suspected than turns out to be there.
            let suspected = Set(file.keys).union(names.filter { _ in generator.once(in: 3) })
            let words = (0..<Int.random(in: 1...5, using: &generator)).map { _ in Self.randomText(&generator) }
            let split = Int.random(in: 1...words.count, using: &generator)
            let wrapped = Self.command(Array(words[..<split]), Array(words[split...]), ours: suspected)

            let byKubelet = (wrapped.command + wrapped.arguments).map { Self.expand($0, known) }
            let result = try Self.joined(byKubelet, file: file)
            let truth = known.merging(file) { _, ours in ours }
            let expected = words.map { Self.expand($0, truth) }
            #expect(result.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(words) \(known) \(file)")
        }
    }

    private static func expand(_ text: String, _ variables: [String: String]) -> String {
        let bytes = VariableExpansion.expand(text.utf8) { name in variables[String(decoding: name, as: UTF8.self)]?.utf8
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
