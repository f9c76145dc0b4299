import Foundation
import JSON
import TestSupport
import Testing
import YAML

@Suite struct YAMLRoundTripTests {
    /// Prints, parses and compares the JSON texts, which shows the order of members and the text of numbers too.
    private func check(_ value: JSONValue, _ comment: Comment? = nil) throws {
        let printed = YAMLDocuments.print([value, value])
        let read = try YAMLDocuments.parse(printed)
        #expect(read.map(\.text) == [value.text, value.text], comment)
    }

    @Test(
        "every captured review, its members in their order",
        .enabled(if: Fixtures.arePresent, Comment(rawValue: Fixtures.skipMessage)),
        arguments: Fixtures.jsonFiles(in: "admission"))
    func fixtures(file: URL) throws {
        try check(try Fixtures.json(file))
    }

    private static let pieces = [
        "", " ", "  ", "\n", "\n\n", "\t", "\r", "a", "b c", ":", ": ", " #", "#", "-", "- ", "---", "...", "?", "? ",
        "yes", "no", "on", "y", "null", "~", "true", "0x1", "0o7", "1e3", "1_0", "12:30:45", "2001-01-01", ".5", "+1",
        "<<", "=", "'", "\"", "\\", "{", "}", "[", "]", ",", "&a", "*a", "!", "!!str", "|", ">", "%", "@", "`",
        "\u{0}", "\u{7}", "\u{1B}", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}", "\u{FFFE}", "ä", "😀", "é",
        "e\u{301}", "\u{301}", "\r\n", ".inf", ".nan", "1.", "0644", "1e400", "$(A)", "2>&1", "8080:80", "::1",
    ]

    @Test("every pair of odd pieces, as a value, as a name and as an element")
    func pairs() throws {
        var object = JSONObject()
        for first in Self.pieces {
            for second in Self.pieces {
                object[first + second] = [.string(first + second), ["x": .string(second + first)]]
            }
        }
        try check(.object(object))
        let strings = object.members.map { JSONValue.string($0.name) }
        #expect(try YAMLDocuments.parse(YAMLDocuments.print(strings)).map(\.text) == strings.map(\.text))
    }

    @Test("random values of odd pieces")
    func random() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<1_000 { try check(value(depth: 0, &generator)) }
    }

    private func value(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        let numbers = ["0", "-0", "1.0", "1e3", "1E+400", "12345678901234567890123", "-1.50", "0.1e-9"]
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return numbers.randomElement(using: &generator).flatMap { JSONNumber($0) }.map(JSONValue.number) ?? .null
        case 3...5: return .string(text(&generator))
        case 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(depth: depth + 1, &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                object[text(&generator)] = value(depth: depth + 1, &generator)
            }
            return .object(object)
        }
    }

    private func text(_ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    @Test("a name longer than YAML's simple keys may be, and a number longer than any")
    func long() throws {
        var object = JSONObject()
        for value in ["x", [1, 2], ["a": "b"], [], "a\nb"] as [JSONValue] {
            object[String(repeating: "k", count: 1100) + value.text] = value
        }
        try check([.object(object), .object(object)])
        let digits = "0." + String(repeating: "1", count: 3000)
        try check(.number(try #require(JSONNumber(digits))))
    }

    @Test("mutated manifests never trap, and what is read can be printed and read again")
    func mutations() throws {
        var generator = SeededGenerator(seed: 7)
        let seeds = [
            "apiVersion: v1\nkind: Pod\nmetadata: {name: &a x, labels: {<<: *a}}\nspec:\n- |2-\n   a\n- >\n b\n",
            "a: &x [1, '2', \"3\\u00e4\"]\n? b\n: *x\n---\n!!map {c: !!str 1}\n...\n%YAML 1.1\n---\n- - -\n",
        ]
        for round in 0..<3_000 {
            var bytes = Array(seeds[round % 2].utf8)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert("&*!|>'\"%:-?[]{},# \n\t".utf8.randomElement(using: &generator) ?? 0, at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            guard let read = try? YAMLDocuments.parse(bytes) else { continue }
            for value in read { try check(value) }
        }
    }
}
