import SecretSpec
import Testing

struct SecretReferenceTests {
    private static let version = "0123456789abcdef0123456789ABCDEF"

    @Test func allPartsAreRead() throws {
        let text = "akv://Shop/db-password/\(Self.version)?type=secret&encoding=base64#user"
        let reference = try SecretReference(parsing: text)
        #expect(reference.object.scheme == "akv")
        #expect(reference.object.authority == "Shop")
        #expect(reference.object.path == ["db-password", Self.version])
        #expect(reference.object.query == ["type": "secret", "encoding": "base64"])
        #expect(reference.field == .name("user"))
        #expect(reference.text == text)
        #expect(reference.description == text)
        #expect(reference.object.parameter("encoding") == "base64")
        #expect(reference.object.parameter("format") == nil)
    }

    @Test(
        arguments: [
            ("#*", .all), ("#a", .name("a")), ("#a#b?c/d", .name("a#b?c/d")), ("#/a/b", .pointer("/a/b")),
            ("#/", .pointer("/")),
            ("#/~0~1", .pointer("/~0~1")), ("#**", .name("**")), ("#%41", .name("%41")), ("#ä", .name("ä")), ("", nil),
        ] as [(String, SecretReference.Field?)])
    func fields(_ suffix: String, _ expected: SecretReference.Field?) throws {
        #expect(try SecretReference(parsing: "akv://shop/a\(suffix)").field == expected)
    }

    /// Each kind of problem, by the texts that have it.
    @Test(
        arguments: [
            ("", .notAReference), ("hunter2", .notAReference), ("akv:shop/a", .notAReference),
            ("akv:/shop/a", .notAReference),
            ("://shop/a", .notAReference), ("1kv://shop/a", .notAReference), ("a-v://shop/a", .notAReference),
            (" akv://shop/a", .notAReference),
            ("a#://x", .notAReference), ("a\u{212A}v://shop/a", .notAReference),
            ("akv:/\u{301}/shop/a", .notAReference),
            ("vault://v/secret/a", .unknownScheme("vault")), ("HTTPS://shop/a", .unknownScheme("https")),
            ("akv://shop/" + String(repeating: "a", count: 2038), .tooLong),
            ("akv://shop/a\u{0}", .controlCharacter(0)),
            ("akv://shop/a\n", .controlCharacter(0x0A)), ("akv://shop/a\u{7F}b", .controlCharacter(0x7F)),
            ("akv://shop/a#\u{9B}", .controlCharacter(0x9B)),
            ("akv://shop/a#\u{2028}", .controlCharacter(0x2028)), ("akv://shop/%00", .controlCharacter(0)),
            ("akv://shop/a%0Ab", .controlCharacter(0x0A)),
            ("akv://shop/%C2%9B", .controlCharacter(0x9B)), ("akv:///a", .missingAuthority),
            ("akv://", .missingAuthority), ("akv://?a=b", .missingAuthority), ("akv://#x", .missingAuthority),
            ("akv://shop", .missingPath), ("akv://shop?type=key", .missingPath), ("akv://shop#f", .missingPath),
            ("akv://shop/", .emptyPathSegment), ("akv://shop//a", .emptyPathSegment),
            ("akv://shop/a/", .emptyPathSegment), ("akv://shop/?type=key", .emptyPathSegment),
            ("akv://shop/a#", .emptyField), ("akv://shop/a?", .malformedParameter("")),
            ("akv://shop/a?type", .malformedParameter("type")),
            ("akv://shop/a?=key", .malformedParameter("=key")), ("akv://shop/a?type=key&", .malformedParameter("")),
            ("akv://shop/a?type=key&type=key", .repeatedParameter("type")),
            ("akv://shop/a?type=key&t%79pe=key", .repeatedParameter("type")),
            ("akv://shop/%", .malformedEscape), ("akv://shop/%4", .malformedEscape),
            ("akv://shop/%4g", .malformedEscape), ("akv://shop/%FF", .malformedEscape),
            ("akv://shop/%C3", .malformedEscape), ("akv://shop/%+1", .malformedEscape),
            ("akv://shop/a?type=%", .malformedEscape),
        ] as [(String, ReferenceProblem)])
    func problems(_ text: String, _ expected: ReferenceProblem) throws {
        let problem = #expect(throws: ReferenceProblem.self) { try SecretReference(parsing: text) }
        #expect(problem == expected)
        #expect(try !#require(problem).description.isEmpty)
    }

    @Test func theLongestReferenceIsTaken() throws {
        let field = String(repeating: "f", count: 2048 - "akv://shop/a#".utf8.count)
        #expect(try SecretReference(parsing: "akv://shop/a#\(field)").field == .name(field))
        #expect(throws: ReferenceProblem.tooLong) { try SecretReference(parsing: "akv://shop/a#\(field)f") }
    }

    @Test func escapesAreDecodedOnce() throws {
        #expect(try SecretReference(parsing: "akv://shop/%61%2D%62").object.path == ["a-b"])
        #expect(throws: ReferenceProblem.self) { try SecretReference(parsing: "akv://shop/%2561") }
        #expect(throws: ReferenceProblem.self) { try SecretReference(parsing: "akv://shop/a%2Fb") }
    }

    /// To Swift's `Character` a delimiter with a combining accent is another character; to the grammar it is not.
    @Test func delimitersAreBytes() throws {
        #expect(try SecretReference(parsing: "akv://shop/a#\u{301}x").field == .name("\u{301}x"))
        #expect(try SecretReference(parsing: "akv://shop/a#/\u{301}x").field == .pointer("/\u{301}x"))
        for text in ["akv://shop/\u{301}a", "akv://shop/a?\u{301}type=key", "akv://shop/a?type=\u{301}key"] {
            let problem = #expect(throws: ReferenceProblem.self) { try SecretReference(parsing: text) }
            guard case .invalid? = problem else {
                Issue.record("\(String(describing: problem))")
                continue
            }
        }
    }

    @Test(arguments: ["/~", "/a~2", "/~a", "/a/~"])
    func fieldsThatAreNoPointersAreRefused(_ field: String) {
        let problem = #expect(throws: ReferenceProblem.self) { try SecretReference(parsing: "akv://shop/a#\(field)") }
        guard case .invalid(part: "field", found: field, accepted: _)? = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
    }

    @Test func equalityIsByMeaningAndExact() throws {
        func parse(_ text: String) throws -> SecretReference { try SecretReference(parsing: text) }
        #expect(try parse("akv://shop/a") == parse("AKV://shop/%61"))
        #expect(try parse("akv://shop/a").hashValue == parse("AKV://shop/%61").hashValue)
        #expect(
            try parse("akv://shop/a?type=key&format=pem".replacing("key", with: "secret"))
                == parse("akv://shop/a?format=pem&type=secret"))
        #expect(try parse("akv://shop/a#\u{E9}") != parse("akv://shop/a#e\u{301}"))
        #expect(try parse("akv://shop/a#/\u{E9}") != parse("akv://shop/a#/e\u{301}"))
        #expect(try parse("akv://shop/a#x") != parse("akv://shop/a"))
        #expect(try parse("akv://shop/a#x").object == parse("akv://shop/a#y").object)
        #expect(
            try Set([parse("akv://shop/a#\u{E9}"), parse("akv://shop/a#e\u{301}"), parse("akv://shop/a#*")]).count == 3)
    }

    @Test(arguments: ["akv://", "akv://shop/a", "AKV://shop/a", "aKv://\n", "akv://shop/a b\u{0}", "akv:///"])
    func textsLikeAReference(_ text: String) {
        #expect(SecretReference.isReferenceLike(text))
    }

    @Test(arguments: [
        "", "akv", "akv:", "akv:/", "akv:/ /shop/a", " akv://shop/a", "xakv://shop/a", "akvx://shop/a",
        "https://shop/a", "a\u{212A}v://shop/a",
        "akv:/\u{301}/shop",
    ])
    func textsUnlikeAReference(_ text: String) {
        #expect(!SecretReference.isReferenceLike(text))
    }

    /// What parses is reference-like, or a literal would be started where a secret was meant.
    @Test func everyReferenceIsReferenceLike() throws {
        for text in ["akv://shop/a", "AKV://shop/a", "AkV://shop.vault.azure.net/a#*"] {
            #expect(try SecretReference.isReferenceLike(SecretReference(parsing: text).text))
        }
    }
}
