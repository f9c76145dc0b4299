import JSON
import Testing

struct JSONPointerTests {
    /// RFC 6901, section 5.
    private static let document = #"""
        {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}
        """#

    @Test(arguments: [
        ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"), (#"/i\j"#, "5"), (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"),
    ])
    func examplesOfTheStandard(_ text: String, _ expected: String) throws {
        let document = try JSONValue(parsing: Array(Self.document.utf8))
        let pointer = try #require(JSONPointer(parsing: text))
        #expect(document.value(at: pointer)?.text == expected)
        #expect(pointer.description == text)
    }

    @Test func theEmptyPointerIsTheDocument() throws {
        let document = try JSONValue(parsing: Array(Self.document.utf8))
        #expect(document.value(at: try #require(JSONPointer(parsing: ""))) == document)
    }

    @Test(arguments: ["foo", "#/foo", "/~", "/~2", "/a~", "/~a", "/a/~", " /a", "~1"])
    func textsThatAreNoPointers(_ text: String) {
        #expect(JSONPointer(parsing: text) == nil)
    }

    @Test(arguments: [
        "/foo/2", "/foo/-", "/foo/01", "/foo/00", "/foo/+1", "/foo/-0", "/foo/ 0", "/foo/", "/foo/0/x", "/bar",
        "/m~0n/0", "/foo/0.0",
        "/foo/18446744073709551616", "/foo/9223372036854775808", "/foo/\u{661}", "//", "/ /0",
    ])
    func pointersThatLeadNowhere(_ text: String) throws {
        let document = try JSONValue(parsing: Array(Self.document.utf8))
        #expect(document.value(at: try #require(JSONPointer(parsing: text))) == nil)
    }

    @Test func escapesAreUndoneInOnePass() {
        #expect(JSONPointer(parsing: "/~01")?.tokens == ["~1"])
        #expect(JSONPointer(parsing: "/~10")?.tokens == ["/0"])
        #expect(JSONPointer(["a/b", "~1", ""]).description == "/a~1b/~01/")
    }

    @Test func tokensAreComparedCodePointByCodePoint() {
        #expect(JSONPointer(["\u{E9}"]) != JSONPointer(["e\u{301}"]))
        #expect(JSONPointer(["a"]).appending(0) == JSONPointer(["a", "0"]))
        #expect(JSONPointer(parsing: "/a/\u{301}b")?.tokens.count == 2)
    }
}
