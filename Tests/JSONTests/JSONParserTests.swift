import JSON
import Testing

struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    @Test(arguments: [
        "0", "-0", "1", "-1", "10", "1.0", "0.5", "-0.5", "1e3", "1E3", "1e+3", "1e-3", "0e0", "0E+00", "1.5e10",
        "12345678901234567890123456789012345678901234567890", "1e999999999999999999999999", "9007199254740993",
    ])
    func numbersKeepTheirText(_ text: String) throws {
        let value = try parse(text)
        #expect(value.text == text)
        #expect(JSONNumber(text)?.text == text)
        #expect(try parse(" [\t\(text)\r\n] ").text == "[\(text)]")
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1.e1", "1e", "1E+", "1e-", "1ee1", "1e1.0", "0x1",
        "1_0", "1 ",
        " 1", "NaN", "Infinity", "-Infinity", "\u{661}", "1\0", "--1",
    ])
    func textsThatAreNoNumbers(_ text: String) {
        #expect(JSONNumber(text) == nil)
        if text != "1 ", text != " 1" { #expect(throws: JSONError.self) { try parse(text) } }
    }

    @Test(arguments: [
        (#""\u0000""#, "\0"), (#""\u00e4""#, "ä"), (#""\u00E4""#, "ä"), (#""\uD834\uDD1E""#, "𝄞"),
        (#""\/\\\"""#, #"/\""#),
        (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"), (#""\uFFFF""#, "\u{FFFF}"), (#""ä\n€""#, "ä\n€"),
        ("\"\u{7F}\"", "\u{7F}"),
        (#""1234567\n""#, "1234567\n"), (#""12345678\n""#, "12345678\n"), (#""\\u0041""#, #"\u0041"#),
        ("\"exactly fifteen\"", "exactly fifteen"), ("\"sixteen byte long\"", "sixteen byte long"),
    ])
    func strings(_ text: String, _ expected: String) throws {
        let value = try parse(text)
        #expect(value.string.map { Array($0.utf8) } == Array(expected.utf8))
        #expect(try JSONValue(parsing: value.serialized()) == value)
    }

    @Test(arguments: [
        #""\uD800""#, #""\uDC00""#, #""\uD800x""#, #""\uD800\n""#, #""\uD800\uD800""#, #""\uD800A""#,
        #""\uDC00\uD800""#,
    ])
    func halvesOfSurrogatePairsAreRefused(_ text: String) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.reason == .invalidText)
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFF], [0xE2, 0x82], [0xC3, 0x28],
        ] as [[UInt8]])
    func bytesThatAreNotUTF8AreRefused(_ bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let padding = Array("0123456789abcdef".utf8)
        let escape = Array(#"\n"#.utf8)
        for text in [bytes, padding + bytes, bytes + padding, escape + bytes, bytes + escape, padding + escape + bytes]
        {
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: [quote] + text + [quote]) }
            #expect(error?.reason == .invalidText)
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func everyControlCharacterWantsAnEscape() {
        for byte in UInt8(0)..<0x20 {
            for padding in ["", "0123456", "01234567", "0123456789abcdef", #"\n"#] {
                let text = Array("\"\(padding)".utf8) + [byte] + Array("\"".utf8)
                #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            }
        }
    }

    /// The scan goes 8 bytes at a time: a special byte at each of its places, and each end of the text.
    @Test func specialBytesAreFoundAtEveryPlace() throws {
        for length in 0...40 {
            let plain = String(repeating: "p", count: length)
            #expect(try parse("\"\(plain)\"").string == plain)
            #expect(throws: JSONError.self) { try parse("\"\(plain)") }
            #expect(throws: JSONError.self) { try parse("\"\(plain)\\") }
            for (escape, meaning) in [
                (#"\""#, "\""), (#"\\"#, "\\"), (#"\n"#, "\n"), ("é", "é"), ("€", "€"), ("!", "!"), ("#", "#"),
            ] {
                let text = "\"\(plain)\(escape)\(plain)\""
                let value = try parse(text)
                #expect(value.string == plain + meaning + plain)
                #expect(value.text == text)
            }
        }
    }

    @Test(arguments: [
        "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "{1:1}", "[", "{", "]",
        "}", "tru",
        "truE", "True", "nul", "nulll", "// c\n1", "1 /* c */", "\u{FEFF}1", "1 1", "[1]]", "\"\\x41\"", "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\U0041\"", "\u{A0}1", "\u{C}1",
    ])
    func brokenGrammarIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test(
        arguments: [
            ("[1,\n x]", .syntax(expected: "a value"), 5), ("[1", .unexpectedEnd, 2), ("1 x", .trailingBytes, 2),
            (#"["a", "\ud800"]"#, .invalidText, 9), (#"{"a" 1}"#, .syntax(expected: "':'"), 5),
            ("[1 2]", .syntax(expected: "',' or ']'"), 3),
        ] as [(String, JSONError.Reason, Int)])
    func faultsAreLocated(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test func errorsNeverShowTheInput() throws {
        let secret = "hunter2"
        for text in [
            secret, "[\"\(secret)\" \(secret)]", "{\"\(secret)\": \"\(secret)\u{1}\"}", "\"\(secret)\" \(secret)",
        ] {
            let error = #expect(throws: JSONError.self) { try parse(text) }
            #expect(try !#require(error).description.contains(secret))
        }
    }

    @Test func orderAndRepeatedNamesSurvive() throws {
        let text = #"{"b":1,"a":2,"b":3,"":{"":[]},"a\u0301":4,"á":5}"#
        let value = try parse(text)
        #expect(value.object?.members.count == 6)
        #expect(value["b"] == 3)
        #expect(value[""]?[""] == [])
        #expect(value["a\u{301}"] == 4)
        #expect(value["\u{E1}"] == 5)
        #expect(value.serialized().count == text.utf8.count - #"\u0301"#.utf8.count + "\u{301}".utf8.count)
    }
}
