import SecretSpec
import Testing

struct RelativePathTests {
    @Test(arguments: [
        ("a", ["a"]), ("a/b", ["a", "b"]), (".env", [".env"]), ("a.b/.c", ["a.b", ".c"]), ("a b", ["a b"]),
        ("ä/日本", ["ä", "日本"]),
        ("a..", ["a.."]), ("~", ["~"]), ("-", ["-"]), ("a:b", ["a:b"]), ("%2e%2e", ["%2e%2e"]),
        ("a/\u{301}b", ["a", "\u{301}b"]), (".\u{301}", [".\u{301}"]),
    ])
    func pathsThatStayBeneath(_ text: String, _ components: [String]) throws {
        let path = try #require(RelativePath(text))
        #expect(path.components == components)
        #expect(path.text == text)
        #expect(path.description == text)
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", "//a", ".", "..", "./a", "../a", "a/..", "a/../b", "a/./b", "a/.", "..data",
        "..2026_01_01", "a/..data", "...", "../../etc/passwd",
        "a\\b", "..\\a", "\\a", "a\0", "a\n", "a/\u{1F}", "a\u{7F}", "a/\0/b", "..\u{301}", "a/..\u{301}/b",
        "..\u{200D}",
        String(repeating: "a", count: 256), String(repeating: "ä", count: 128),
        (0..<513).map { _ in "a" }.joined(separator: "/"),
    ])
    func pathsThatAreRefused(_ text: String) {
        #expect(RelativePath(text) == nil)
    }

    @Test func theLongestAreTaken() {
        #expect(RelativePath(String(repeating: "a", count: 255)) != nil)
        let long = (0..<512).map { _ in "a" }.joined(separator: "/")
        #expect(RelativePath(long)?.components.count == 512)
        #expect(RelativePath(long + "a")?.text.utf8.count == 1024)
        #expect(RelativePath(long + "ab") == nil)
    }

    @Test(arguments: ["", ".", "..", "/", "a/b", "/a", "a/", "..a", "a\\b", "a\0", String(repeating: "a", count: 256)])
    func namesThatAreNoComponent(_ name: String) throws {
        #expect(try #require(RelativePath("keys")).appending(name) == nil)
    }

    @Test func appendingKeepsTheLimit() throws {
        let path = try #require(
            RelativePath((0..<4).map { _ in String(repeating: "a", count: 250) }.joined(separator: "/")))
        #expect(path.appending(String(repeating: "b", count: 20))?.text.utf8.count == 1024)
        #expect(path.appending(String(repeating: "b", count: 21)) == nil)
        #expect(RelativePath("keys")?.appending("user") == RelativePath("keys/user"))
    }

    @Test func equalityIsTheFileSystems() {
        #expect(RelativePath("\u{E9}") != RelativePath("e\u{301}"))
        #expect(
            Set([RelativePath("\u{E9}"), RelativePath("e\u{301}"), RelativePath("a"), RelativePath("a")]).count == 3)
        #expect(RelativePath("a/b")?.hashValue == RelativePath("a/b")?.hashValue)
    }
}
