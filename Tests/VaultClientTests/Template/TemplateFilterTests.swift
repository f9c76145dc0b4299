import Foundation
import SecretSpec
import Testing

@testable import VaultClient

/// What each filter writes, letter by letter.
@Suite struct TemplateFilterTests {
    @Test(
        "one value",
        arguments: [
            (
                "a\"b\\c/\n\r\t\u{0}\u{1f}\u{7f}é\u{2028}", .json,
                "\"a\\\"b\\\\c/\\n\\r\\t\\u0000\\u001f\u{7f}é\u{2028}\""
            ),
            ("", .json, "\"\""),
            ("a\"b\\c\n\r\t\u{0}\u{1b}", .yaml, "\"a\\\"b\\\\c\\n\\r\\t\\x00\\x1b\""),
            (
                "\u{7f}\u{85}\u{a0}é\u{2028}\u{feff}\u{ffff}\u{1f600}", .yaml,
                "\"\\x7f\\x85\\xa0é\\u2028\\ufeff\\uffff\u{1f600}\""
            ), ("- # : ", .yaml, "\"- # : \""), ("it's $HOME `x` \\", .sh, "'it'\\''s $HOME `x` \\'"), ("", .sh, "''"),
            ("a-b._~/ +%é", .url, "a-b._~%2F%20%2B%25%C3%A9"), ("", .base64, ""), ("f", .base64, "Zg=="),
            ("fo", .base64, "Zm8="), ("foo", .base64, "Zm9v"), ("foobar", .base64, "Zm9vYmFy"),
            ("\u{fb}\u{ff}\u{3fe}", .base64, "w7vDv8++"), ("raw\0\n", nil, "raw\0\n"),
        ] as [(String, Template.Filter?, String)])
    func values(_ value: String, _ filter: Template.Filter?, _ expected: String) throws {
        #expect(Array(try Rendering.text(value, filter).utf8) == Array(expected.utf8))
    }

    @Test("bytes that are no text")
    func binary() throws {
        let bytes: [UInt8] = [0xFF, 0x00, 0xC3, 0x28, 0x80]
        #expect(try Rendering.bytes(bytes, nil) == bytes)
        #expect(try Rendering.bytes(bytes, .base64) == Array(Data(bytes).base64EncodedString().utf8))
        #expect(try Rendering.bytes(bytes, .url) == Array("%FF%00%C3%28%80".utf8))
        #expect(try Rendering.bytes([0xFF, 0x27], .sh) == [0x27, 0xFF, 0x27, 0x5C, 0x27, 0x27, 0x27])
        let all = (0...255).map { UInt8($0) }
        for count in 0...256 {
            let part = all.prefix(count)
            #expect(
                try Rendering.bytes(Array(part), .base64) == Array(Data(part).base64EncodedString().utf8))
        }
    }

    @Test(
        "what a filter cannot write is refused, with the filter and the way out, and without the value",
        arguments: [
            ([0x53, 0xFF], .json), ([0x53, 0xC0, 0x80], .json), ([0x53, 0xED, 0xA0, 0x80], .yaml),
            ([0x53, 0xE2], .yaml),
            ([0x53, 0x00], .sh),
        ] as [([UInt8], Template.Filter)])
    func refused(_ bytes: [UInt8], _ filter: Template.Filter) throws {
        let error = try #require(Rendering.error { try Rendering.bytes(bytes, filter) })
        #expect(error.kind == .content && !error.isTransient)
        #expect(error.description.contains("filter \(filter.rawValue) ") && error.description.contains("filter base64"))
        #expect(!error.description.contains("S\u{FFFD}"))
    }

    @Test(
        "dotenv quotes so that all readers agree",
        arguments: [
            ("plain", "N='plain'"), ("", "N=''"), ("a b#c\"d", "N='a b#c\"d'"), ("$HOME `x`", "N='$HOME `x`'"),
            ("one\\two", "N='one\\two'"), ("it's", "N=\"it's\""), ("it's \"x\"", "N=\"it's \\\"x\\\"\""),
            ("a\\\\b", "N=\"a\\\\\\\\b\""), ("l1\nl2", "N='l1\nl2'"), ("é", "N='é'"),
            ("$ {", "N='$ {'"),
        ])
    func dotenv(_ value: String, _ expected: String) throws {
        #expect(try Rendering.text([("N", value)], .dotenv) == expected + "\n")
    }

    @Test("dotenv refuses what one reader would read otherwise")
    func dotenvRefusals() throws {
        for value in ["it's $5", "`'", "\\\\$", "a$\\", "end\\", "\0", "cr\r", "${A}", "CANARY ${"] {
            let error = Rendering.error { try Rendering.text([("A", "x"), ("B", value)], .dotenv) }
            #expect(error?.kind == .content, "\(value)")
            #expect(error?.description.contains("member 2 ") == true && error?.description.contains("CANARY") == false)
        }
        let binary = Rendering.error { try Rendering.bytes([("A", [0xFF])], .dotenv) }
        #expect(binary?.kind == .content)
        for name in ["", "1A", "A-B", "A B", "é", "A\u{301}", "CANARY.x", "A=B", "A\n"] {
            let error = Rendering.error { try Rendering.text([("A", "x"), (name, "v")], .dotenv) }
            #expect(error?.kind == .field, "\(name)")
            #expect(error?.description.contains("member 2 ") == true && error?.description.contains("CANARY") == false)
        }
        #expect(try Rendering.text([("a_Z9", "1"), ("_", "2")], .dotenv) == "a_Z9='1'\n_='2'\n")
    }

    @Test(
        "properties",
        arguments: [
            ("k", "v", "k=v"), ("", "", "="), ("a b:c=d#e!f\\", "x", "a\\ b\\:c\\=d\\#e\\!f\\\\=x"),
            ("k", "  two leading", "k=\\  two leading"), ("k", "a=b:c#d!e\\", "k=a\\=b\\:c\\#d\\!e\\\\"),
            ("k", "l1\nl2\r\t\u{c}", "k=l1\\nl2\\r\\t\\f"), ("é", "€\u{1f600}", "\\u00e9=\\u20ac\\ud83d\\ude00"),
            ("k", "\0\u{7f}~", "k=\\u0000\\u007f~"),
        ])
    func properties(_ name: String, _ value: String, _ expected: String) throws {
        #expect(try Rendering.text([(name, value)], .properties) == expected + "\n")
    }

    @Test("properties of bytes that are no text, and filters on what they are not for")
    func mismatches() {
        let binary = Rendering.error { try Rendering.bytes([("A", [0x41]), ("B", [0xFF])], .properties) }
        #expect(binary?.kind == .content && binary?.description.contains("member 2 ") == true)
        for filter in [nil, .json, .yaml, .sh, .url, .base64] as [Template.Filter?] {
            #expect(Rendering.error { try Rendering.text([("A", "v")], filter) }?.kind == .field)
        }
        for filter in [.dotenv, .properties] as [Template.Filter] {
            #expect(Rendering.error { try Rendering.text("v", filter) }?.kind == .field)
        }
    }
}
