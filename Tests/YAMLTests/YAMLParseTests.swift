import JSON
import Testing
import YAML

private func one(_ text: String) throws -> JSONValue {
    let documents = try YAMLDocuments.parse(Array(text.utf8))
    try #require(documents.count == 1)
    return documents[0]
}

private func failure(_ text: String) -> YAMLError? {
    do throws(YAMLError) {
        _ = try YAMLDocuments.parse(Array(text.utf8))
        return nil
    } catch {
        return error
    }
}

@Suite struct YAMLParseTests {
    @Test(
        "scalars without quotes are what sigs.k8s.io/yaml takes them for",
        arguments: [
            ("yes", "true"), ("Yes", "true"), ("ON", "true"), ("y", "true"), ("True", "true"), ("yEs", "\"yEs\""),
            ("no", "false"), ("off", "false"), ("N", "false"), ("FALSE", "false"), ("~", "null"), ("Null", "null"),
            ("0", "0"), ("-0", "-0"), ("12", "12"), ("+12", "12"), ("1_000", "1000"), ("0644", "420"), ("-010", "-8"),
            ("0o644", "420"), ("0x1F", "31"), ("0b101", "5"), ("-0b11", "-3"), ("08", "8"), ("0x", "\"0x\""),
            ("9223372036854775807", "9223372036854775807"), ("18446744073709551615", "18446744073709551615"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"), ("-0xFFFFFFFFFFFFFFFF", "\"-0xFFFFFFFFFFFFFFFF\""),
            ("1.0", "1.0"), ("1.50", "1.50"), ("1.", "1"), (".5", "0.5"), ("-.5", "-0.5"), ("1e3", "1e3"),
            ("1E+3", "1E+3"), ("+1.5e-3", "1.5e-3"), ("00.5", "0.5"), ("1e400", "\"1e400\""), ("1e", "\"1e\""),
            ("12e34567", "\"12e34567\""), (".", "\".\""), ("-", "[null]"), ("0x1_F", "31"), ("_1", "\"_1\""),
            (".1_0", "0.10"), (".1__0", "\".1__0\""), ("._1", "\"._1\""), (".1_", "\".1_\""),
            ("12:30:45", "\"12:30:45\""), ("2001-12-14", "\"2001-12-14\""), ("10.0.0.1", "\"10.0.0.1\""),
            ("2001-12-14T21:59:43Z", "\"2001-12-14T21:59:43Z\""), ("1.2.3", "\"1.2.3\""), ("0xg", "\"0xg\""),
            ("0b12", "\"0b12\""), ("0x-1", "\"0x-1\""), ("--1", "\"--1\""), ("100m", "\"100m\""), ("1Gi", "\"1Gi\""),
            ("\"yes\"", "\"yes\""), ("'12'", "\"12\""), ("''", "\"\""),
        ])
    func plainScalars(text: String, json: String) throws {
        #expect(try one(text).text == json)
    }

    @Test(
        "tags",
        arguments: [
            ("!!str 12", "\"12\""), ("!!str yes", "\"yes\""), ("!!int '12'", "12"), ("!!float 1", "1"),
            ("!!bool 'on'", "true"), ("!!null ''", "null"), ("!!binary aGVsbG8=", "\"hello\""), ("! 12", "\"12\""),
            ("!local 12", "\"12\""), ("!!timestamp 2001-12-14", "\"2001-12-14\""), ("!!float 1e400", "1e400"),
            ("!!seq [1]", "[1]"), ("!!map {a: 1}", "{\"a\":1}"),
        ])
    func tags(text: String, json: String) throws {
        #expect(try one(text).text == json)
    }

    @Test("block, flow, folded and literal text, comments, several documents")
    func structure() throws {
        let text = """
            # a manifest
            apiVersion: v1   # comment
            list:
            - a
            -   - b
                - {c: d, "e": [1, 2]}
            literal: |
              one
                two
            folded: >-
              three
              four
            empty:
            ---
            ---
            second: true
            ...
            """
        let documents = try YAMLDocuments.parse(Array(text.utf8))
        #expect(
            documents.map(\.text) == [
                #"{"apiVersion":"v1","list":["a",["b",{"c":"d","e":[1,2]}]],"literal":"one\n  two\n","folded":"three four","empty":null}"#,
                "null", #"{"second":true}"#,
            ])
        #expect(try YAMLDocuments.parse([]).isEmpty)
        #expect(try YAMLDocuments.parse(Array("# nothing\n".utf8)).isEmpty)
    }

    @Test("keys become strings as sigs.k8s.io/yaml has them")
    func keys() throws {
        let value = try one("{1: a, 0x10: b, yes: c, 2.10: d, 'x': e, 0644: f, -0: g}")
        #expect(value.object?.members.map(\.name) == ["1", "16", "true", "2.1", "x", "420", "0"])
        #expect(failure("~: a")?.reason == .unusableKey)
        #expect(failure("[a]: b")?.reason == .unusableKey)
    }

    @Test("anchors, aliases and merges; what is written outdoes what is merged")
    func anchors() throws {
        let text = """
            base: &base {a: 1, b: 2}
            more: &more {b: 3, c: 4}
            one: {b: 9, <<: *base}
            two:
              <<: [*more, *base]
              d: 5
            same: *base
            plain: {"<<": *base}
            """
        let value = try one(text)
        #expect(value["one"] == ["a": 1, "b": 9])
        #expect(value["two"] == ["a": 1, "b": 3, "c": 4, "d": 5])
        #expect(value["same"] == value["base"])
        #expect(value["plain"] == ["<<": ["a": 1, "b": 2]])
        #expect(failure("<<: 1")?.reason == .unusableMerge)
        #expect(failure("a: *x")?.reason == .unknownAnchor("x"))
        #expect(failure("&a [*a]")?.reason == .recursiveAnchor("a"))
        #expect(failure("a: &x 1\n---\nb: *x")?.reason == .unknownAnchor("x"))
    }

    @Test("aliases that multiply are refused before they are written out")
    func billionLaughs() throws {
        var text = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]\n"
        for level in 1...20 {
            text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "]\n"
        }
        #expect(failure(text)?.reason == .tooManyAliases)
        let large =
            "a: &a '\(String(repeating: "x", count: 1 << 20))'\nb: [\(Array(repeating: "*a", count: 8).joined(separator: ","))]"
        #expect(failure(large)?.reason == .tooManyAliases)
    }

    @Test("errors say where")
    func errors() {
        #expect(failure("a: 1\nb: 2\na: 3")?.description.hasPrefix("line 3, column 1: the key 'a'") == true)
        #expect(failure("{\"a\":1,\n\"a\":2}")?.line == 2)
        #expect(failure("a: [1, 2\nb: 3")?.line == 2)
        #expect(failure("a: b: c")?.description == "line 1, column 5: mapping values are not allowed in this context")
        #expect(failure("a: .inf")?.reason == .notFinite)
        #expect(failure("ä: 1\nb: \u{7}")?.description == "line 2, column 4: control characters are not allowed")
        #expect(failure("!!int x")?.reason == .tagMismatch("!!int"))
        #expect(failure("!!binary /w==")?.reason == .tagMismatch("!!binary"))
        #expect(failure("\ta: 1")?.line == 1)
    }

    @Test("depth is bounded, through aliases too")
    func depth() throws {
        let fits = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try one("- \(fits.dropFirst().dropLast())") == one(fits))
        #expect(failure("- \(fits)")?.reason == .tooDeep)
        #expect(failure(String(repeating: "- ", count: 100_000))?.reason == .tooDeep)
        let half = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let wrapped = String(repeating: "[", count: 40) + "*a" + String(repeating: "]", count: 40)
        #expect(failure("a: &a \(half)\nb: \(wrapped)")?.reason == .tooDeep)
    }

    @Test("JSON is taken as it is, where YAML 1.1 would stumble too")
    func json() throws {
        let text = "{\"a\":\"\\ud83d\\ude00\",\n\t\"b\" : [1.0,1e3,{\"c\\/d\":null}]}"
        #expect(try one(text).text == "{\"a\":\"😀\",\"b\":[1.0,1e3,{\"c/d\":null}]}")
        #expect(try YAMLDocuments.parse(Array("{\"a\":1}\n---\n{\"b\":\n\t2}\n".utf8)).count == 2)
    }

    @Test("UTF-16 and a byte order mark")
    func encodings() throws {
        #expect(try YAMLDocuments.parse([0xEF, 0xBB, 0xBF] + Array("a: ä".utf8)) == [["a": "ä"]])
        let wide = "a: ä".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try YAMLDocuments.parse([0xFF, 0xFE] + wide) == [["a": "ä"]])
    }
}
