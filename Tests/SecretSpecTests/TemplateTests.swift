import JSON
import SecretSpec
import TestSupport
import Testing

struct TemplateTests {
    private static let named = [
        "db": "akv://shop/db", "all": "akv://shop/all#*", "odd": "akv://shop/odd#a}b|c", "a\u{301}": "akv://shop/acute",
    ]

    private static func parse(
        _ text: String, as grammar: Template.Grammar = .file
    ) -> Result<Template, TemplateProblems> {
        Template.parse(text, as: grammar) { name in
            named.first { $0.key.isSameText(as: name) }.flatMap { try? SecretReference(parsing: $0.value) }
        }
    }

    /// Pieces as text: secrets in `<>`.
    private static func shown(_ template: Template) -> [String] {
        template.pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .secret(let reference, let filter): "<\(reference.text)\(filter.map { " \($0.rawValue)" } ?? "")>"
            }
        }
    }

    private static func isSame(_ left: [String], _ right: [String]) -> Bool {
        left.map { Array($0.utf8) } == right.map { Array($0.utf8) }
    }

    @Test(
        "a file",
        arguments: [
            ("", []), ("plain\n", ["plain\n"]), ("${db}", ["<akv://shop/db>"]),
            ("u=${db}:${akv://shop/x}\n", ["u=", "<akv://shop/db>", ":", "<akv://shop/x>", "\n"]),
            ("${db|json}${db|yaml}", ["<akv://shop/db json>", "<akv://shop/db yaml>"]),
            ("${db|sh}${db|url}${db|base64}", ["<akv://shop/db sh>", "<akv://shop/db url>", "<akv://shop/db base64>"]),
            (
                "${all|dotenv}${akv://shop/x#*|properties}",
                ["<akv://shop/all#* dotenv>", "<akv://shop/x#* properties>"]
            ),
            ("${odd|json}", ["<akv://shop/odd#a}b|c json>"]), ("${AKV://shop/x#/a/b}", ["<AKV://shop/x#/a/b>"]),
            ("$${db}", ["${db}"]), ("a$${b$${c", ["a${b${c"]), ("$$${db}", ["$${db}"]), ("$$$${db}", ["$$${db}"]),
            ("$", ["$"]), ("$$", ["$$"]), ("$(VAR) $VAR {x} }", ["$(VAR) $VAR {x} }"]), ("$ {db}", ["$ {db}"]),
            ("${db}}", ["<akv://shop/db>", "}"]), ("{${db}}", ["{", "<akv://shop/db>", "}"]),
            // A character may begin with what ends a placeholder, or end with its '$'.
            ("${db}\u{301}", ["<akv://shop/db>", "\u{301}"]), ("$\u{301}{db}", ["$\u{301}{db}"]),
            ("é$${\u{301}", ["é${\u{301}"]),
            ("\u{1F468}\u{200D}${db}\u{200D}", ["\u{1F468}\u{200D}", "<akv://shop/db>", "\u{200D}"]),
            ("${a\u{301}}", ["<akv://shop/acute>"]),
        ] as [(String, [String])])
    func files(_ text: String, _ expected: [String]) throws {
        let pieces = Self.shown(try Self.parse(text).get())
        #expect(Self.isSame(pieces, expected), "\(pieces)")
    }

    @Test(
        "an environment value: what is none of ours stays as it is, escapes too",
        arguments: [
            ("${HOME} $(VAR) $$(VAR) $${HOME} ${a:-${b}}", ["${HOME} $(VAR) $$(VAR) $${HOME} ${a:-${b}}"]),
            ("${db}", ["${db}"]), ("${", ["${"]), ("${unclosed", ["${unclosed"]), ("${aws://x/y}", ["${aws://x/y}"]),
            (
                "postgres://u:${akv://shop/db|url}@h/${NAME}",
                ["postgres://u:", "<akv://shop/db url>", "@h/${NAME}"]
            ), ("${AkV://shop/db}", ["<AkV://shop/db>"]), ("$${akv://shop/db}", ["${akv://shop/db}"]),
            ("$$${akv://shop/db}", ["$${akv://shop/db}"]), ("$(X)${akv://shop/db}", ["$(X)", "<akv://shop/db>"]),
            ("${ akv://shop/db}", ["${ akv://shop/db}"]), ("akv://shop/db", ["akv://shop/db"]),
        ] as [(String, [String])])
    func environment(_ text: String, _ expected: [String]) throws {
        let pieces = Self.shown(try Self.parse(text, as: .environment).get())
        #expect(Self.isSame(pieces, expected), "\(pieces)")
    }

    @Test(
        "everything that is wrong with a text, in its order",
        arguments: [
            ("${", [.unclosed]), ("a ${db", [.unclosed]), ("${db} ${akv://shop/x", [.unclosed]),
            ("${}", [.unknownName("")]), ("${nope}", [.unknownName("nope")]), ("${ db }", [.unknownName(" db ")]),
            ("${\u{E1}}", [.unknownName("\u{E1}")]), ("${db|}", [.unknownFilter("")]),
            ("${db|JSON}", [.unknownFilter("JSON")]), ("${db| json}", [.unknownFilter(" json")]),
            ("${db|json|yaml}", [.unknownName("db|json")]),
            ("${nope|nope}", [.unknownName("nope"), .unknownFilter("nope")]),
            ("${akv://shop}", [.reference("akv://shop", .missingPath)]),
            ("${all}", [.allKeysNeedFilter("all")]), ("${all|json}", [.allKeysNeedFilter("all")]),
            ("${db|dotenv}", [.filterNeedsAllKeys("db", .dotenv)]),
            (
                "${akv://shop/x#k|properties}", [.filterNeedsAllKeys("akv://shop/x#k", .properties)]
            ),
            (
                "${a} ${db} ${db|x} ${akv://shop/} ${all} ${",
                [
                    .unknownName("a"), .unknownFilter("x"), .reference("akv://shop/", .emptyPathSegment),
                    .allKeysNeedFilter("all"), .unclosed,
                ]
            ),
        ] as [(String, [TemplateProblem])])
    func problems(_ text: String, _ expected: [TemplateProblem]) {
        guard case .failure(let problems) = Self.parse(text) else {
            Issue.record("parsed")
            return
        }
        #expect(problems.all == expected)
    }

    @Test("in an environment value only what looks like a reference is a problem")
    func environmentProblems() {
        guard
            case .failure(let problems) = Self.parse("${x} ${akv://shop} ${akv://shop/x|no} ${akv://", as: .environment)
        else {
            Issue.record("parsed")
            return
        }
        #expect(problems.all == [.reference("akv://shop", .missingPath), .unknownFilter("no"), .unclosed])
    }

    @Test("problems are shown on one line of bounded length")
    func sentences() throws {
        let long = String(repeating: "x\n", count: 10_000)
        for text in ["${\(long)}", "${db|\(long)}", "${akv://\(long)}", "${akv://shop/\(long)|json}"] {
            guard case .failure(let problems) = Self.parse(text), let problem = problems.all.first else {
                Issue.record("parsed")
                continue
            }
            #expect(problem.description.utf8.count < 1000 && !problem.description.contains("\n"))
        }
        #expect(TemplateProblem.unknownName("abc").description.contains("'abc'"))
        #expect(TemplateProblem.unclosed.description.contains("'$${'"))
    }

    @Test("of a text full of problems about twenty are told, and how many more there are")
    func manyProblems() {
        let text = String(repeating: "${x}", count: 100_000)
        guard case .failure(let problems) = Self.parse(text) else {
            Issue.record("parsed")
            return
        }
        #expect(problems.all.count == 20 && problems.further == 99_980)
        guard case .failure(let few) = Self.parse(String(repeating: "${x}", count: 20)) else {
            Issue.record("parsed")
            return
        }
        #expect(few.all.count == 20 && few.further == 0)
    }

    @Test("texts are joined, and none is empty")
    func normalForm() throws {
        for text in ["a$b$${c$(d)", "${db}$${${db}$", "$$$$$"] {
            let pieces = try Self.parse(text).get().pieces
            var wasText = false
            for piece in pieces {
                guard case .text(let text) = piece else {
                    wasText = false
                    continue
                }
                #expect(!text.isEmpty && !wasText)
                wasText = true
            }
        }
    }

    @Test(
        "ten times the text costs about ten times as much", arguments: ["$", "$${", "${db}", "${x", "${x}", "}${", "|"])
    func linear(_ word: String) {
        func seconds(_ count: Int) -> Double {
            let text = String(repeating: word, count: count)
            let clock = ContinuousClock()
            return (0..<3).map { _ in clock.measure { _ = Self.parse(text) } / .seconds(1) }.min() ?? 0
        }
        // Something quadratic would be at 100.
        #expect(seconds(10_000) / seconds(1000) < 40)
    }

    @Test("parsing again what stands as it is gives the same", arguments: 0..<50 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = "user=${db|json} $${x} ${akv://shop/a#/p/q|sh} ${all|dotenv}$(VAR) ${akv://shop/b}\n"
        let words = [
            "${", "}", "$", "$${", "|", "|json", "|dotenv", "db", "akv://", "#*", "\u{301}", "\u{200D}", "\0", "{",
            "${db}",
        ]
        for _ in 0..<200 {
            let text = String(decoding: generator.mutated(Array(original.utf8), words: words), as: UTF8.self)
            for grammar in [Template.Grammar.file, .environment] {
                guard case .success(let template) = Self.parse(text, as: grammar) else { continue }
                let reader = try AgentPlan(json: Self.plan(template).json)
                guard case .template(let read)? = reader.files.first?.content else {
                    Issue.record("no template")
                    continue
                }
                #expect(Self.isSame(Self.shown(read), Self.shown(template)))
                // Written as a template again, it is the same template.
                let written = template.pieces.map { piece in
                    switch piece {
                    case .text(let text): Self.escaped(text, grammar)
                    case .secret(let reference, let filter):
                        "${\(reference.text)\(filter.map { "|\($0.rawValue)" } ?? "")}"
                    }
                }.joined()
                guard !template.references.contains(where: { $0.text.utf8.contains { "|}".utf8.contains($0) } }),
                    !Self.endsInDollar(template)
                else { continue }
                let again = try Self.parse(written, as: grammar).get()
                #expect(Self.isSame(Self.shown(again), Self.shown(template)), "\(text.debugDescription)")
            }
        }
    }

    private static func plan(_ template: Template) throws -> AgentPlan {
        let path = try #require(RelativePath("t"))
        let azure = try AgentPlan(json: AgentPlanTests.document()).azure
        return AgentPlan(
            directory: "/d", group: nil,
            files: [.init(source: "s", path: path, mode: 0o400, content: .template(template))],
            startDeadlineSeconds: 0, azure: azure, caBundle: nil)
    }

    /// A '$' right before a placeholder would make an escape of it: no text says that.
    private static func endsInDollar(_ template: Template) -> Bool {
        template.pieces.contains { piece in
            if case .text(let text) = piece { text.utf8.last == UInt8(ascii: "$") } else { false }
        }
    }

    private static func escaped(_ text: String, _ grammar: Template.Grammar) -> String {
        let opening = grammar == .file ? "${" : "${akv://"
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            let isOpening = rest.prefix(opening.utf8.count).elementsEqual(opening.utf8) { byte, expected in
                byte == expected
                    || (expected >= UInt8(ascii: "a") && expected != UInt8(ascii: "{") && byte | 0x20 == expected)
            }
            if isOpening { result.append(UInt8(ascii: "$")) }
            result.append(byte)
            rest = rest.dropFirst()
        }
        return String(decoding: result, as: UTF8.self)
    }
}
