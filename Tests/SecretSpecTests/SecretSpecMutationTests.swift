import JSON
import SecretSpec
import TestSupport
import Testing

/// A little fuzzing in every test run, the same each time; `scripts/fuzz.sh` does it at length with libFuzzer.
struct SecretSpecMutationTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func plansAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = try AgentPlanTests.document()
        let words = [
            "null", "\"\"", "1", "[]", "{}", "..", "akv://", "#*", "\"mode\":\"777\"", "\u{0}", "-1", "1e9",
            "\"version\":1",
        ]
        for _ in 0..<100 {
            let bytes = generator.mutated(original.serialized(), words: words)
            guard let json = try? JSONValue(parsing: bytes), let plan = try? AgentPlan(json: json) else { continue }
            #expect(try AgentPlan(json: plan.json) == plan)
        }
        for _ in 0..<100 {
            let plan = try? AgentPlan(json: Self.withOneValueReplaced(original, &generator))
            if let plan { #expect(try AgentPlan(json: plan.json) == plan) }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func referencesAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original =
            "akv://shop.vault.azure.net/db-password/0123456789abcdef0123456789abcdef?type=secret&encoding=base64#/a/~0b"
        let words = ["/", "?", "#", "&", "=", "%", "%41", "%00", "://", "\u{301}", "\u{212A}", "..", "*", "~"]
        for _ in 0..<300 {
            let text = String(decoding: generator.mutated(Array(original.utf8), words: words), as: UTF8.self)
            guard let reference = try? SecretReference(parsing: text) else { continue }
            #expect(SecretReference.isReferenceLike(text))
            #expect(try SecretReference(parsing: reference.text) == reference)
            #expect(!reference.object.path.isEmpty && reference.object.path.allSatisfy { !$0.isEmpty })
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func pathsStayBeneathTheirRoot(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let words = ["/", "..", "./", "../", "\\", "\0", "\u{301}", "..data"]
        for _ in 0..<300 {
            let text = String(decoding: generator.mutated(Array("conf/keys/a.pem".utf8), words: words), as: UTF8.self)
            guard let path = RelativePath(text) else { continue }
            #expect(path.text.utf8.elementsEqual(text.utf8))
            for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
                #expect(!part.isEmpty && !part.starts(with: "..".utf8) && !part.elementsEqual(".".utf8))
            }
        }
    }

    private static func withOneValueReplaced(_ document: JSONValue, _ generator: inout SeededGenerator) throws
        -> JSONValue
    {
        var places: [JSONPointer] = []
        func collect(_ value: JSONValue, _ place: JSONPointer) {
            places.append(place)
            for (index, element) in (value.array ?? []).enumerated() { collect(element, place.appending(index)) }
            for member in value.object?.members ?? [] { collect(member.value, place.appending(member.name)) }
        }
        collect(document, JSONPointer())
        let place = places.randomElement(using: &generator) ?? JSONPointer()
        return try JSONPatch([.replace(path: place, value: generator.value(depth: 2))]).applied(to: document)
    }
}
