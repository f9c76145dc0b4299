import JSON
import TestSupport
import Testing

/// A little fuzzing in every test run, the same each time; `scripts/fuzz.sh` does it at length with libFuzzer.
struct JSONMutationTests {
    private static let seeds: [String] = [
        #"{"kind":"Pod","metadata":{"name":"a","labels":{"é":"\u00e9\ud834\udd1e"}},"spec":[1,-0.5e+3,true,false,null,""]}"#,
        #"[[[[[]]]],{"a":{"a":{"a":{}}}},"\\\"\/\b\f\n\r\t",0,1e99999999999999999999]"#,
    ]
    private static let patchSeeds: [(String, String)] = [
        (
            #"[{"op":"add","path":"/a/-","value":{"x":1}},{"op":"move","from":"/a/0","path":"/b"},{"op":"copy","from":"","path":"/c"}]"#,
            #"{"a":[1,2,{"b":[]}],"b":{}}"#
        ),
        (
            #"[{"op":"test","path":"/a/1","value":2},{"op":"replace","path":"/a/~01","value":[]},{"op":"remove","path":"/a"}]"#,
            #"{"a":[1,2],"~1":0}"#
        ),
    ]
    private static let words = [
        "[", "]", "{", "}", "\"", "\\", ":", ",", "\\u", "\\ud800", "\u{0}", "e", "-", ".", "0", "/", "~1", "~",
        "\"op\":\"copy\"", "/-", "/0",
    ]

    @Test(arguments: 0..<50 as Range<UInt64>)
    func whatIsTakenIsPrintedAndTakenAgain(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for text in Self.seeds {
            for _ in 0..<100 {
                let bytes = generator.mutated(Array(text.utf8), words: Self.words)
                guard let value = try? JSONValue(parsing: bytes) else { continue }
                let printed = value.serialized()
                #expect(try JSONValue(parsing: printed) == value)
                #expect(try JSONValue(parsing: printed).serialized() == printed)
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func patchesApplyOrFail(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for (patch, document) in Self.patchSeeds {
            let document = try JSONValue(parsing: Array(document.utf8))
            for _ in 0..<100 {
                let bytes = generator.mutated(Array(patch.utf8), words: Self.words)
                guard let value = try? JSONValue(parsing: bytes), let patch = try? JSONPatch(value) else { continue }
                #expect(try JSONPatch(JSONValue(parsing: patch.document.serialized())) == patch)
                guard let result = try? patch.applied(to: document) else { continue }
                #expect(try JSONValue(parsing: result.serialized()) == result)
            }
        }
    }
}
