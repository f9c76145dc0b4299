import JSON
import Testing

/// What json-patch-tests leaves out.
struct JSONPatchTests {
    private func apply(_ patch: String, to document: String) throws -> String {
        let patch = try JSONPatch(JSONValue(parsing: Array(patch.utf8)))
        return try patch.applied(to: JSONValue(parsing: Array(document.utf8))).text
    }

    @Test(arguments: [
        (#"[{"op":"replace","path":"","value":"bar"}]"#, #""foo""#, #""bar""#),
        (#"[{"op":"test","path":"","value":{"foo":1.0}}]"#, #"{"foo":1}"#, #"{"foo":1}"#),
        (#"[{"op":"add","path":"/b","value":1}]"#, #"{"a":0,"b":0,"c":0}"#, #"{"a":0,"b":1,"c":0}"#),
        (#"[{"op":"add","path":"/é","value":1}]"#, "{\"e\u{301}\":0}", "{\"e\u{301}\":0,\"é\":1}"),
        (#"[{"op":"move","from":"/é","path":"/x"}]"#, "{\"e\u{301}\":0,\"é\":1}", "{\"e\u{301}\":0,\"x\":1}"),
        ("[{\"op\":\"move\",\"from\":\"/é\",\"path\":\"/e\u{301}\"}]", #"{"é":1}"#, "{\"e\u{301}\":1}"),
        (#"[{"op":"move","from":"/a","path":""}]"#, #"{"a":{"b":1}}"#, #"{"b":1}"#),
        (#"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1,"b":2}"#, #"{"a":1,"b":2}"#),
        (#"[{"op":"copy","from":"","path":"/a"}]"#, #"{"b":1}"#, #"{"b":1,"a":{"b":1}}"#),
        (#"[{"op":"remove","path":""}]"#, "[1]", "null"),
        (#"[{"op":"add","path":"/~1~0","value":1}]"#, "{}", #"{"/~":1}"#),
        (#"[{"op":"add","path":"/-","value":1}]"#, "{}", #"{"-":1}"#),
        (#"[{"op":"move","from":"/a","path":"/ab/-"}]"#, #"{"a":1,"ab":[]}"#, #"{"ab":[1]}"#),
    ])
    func applies(_ patch: String, _ document: String, _ expected: String) throws {
        #expect(try apply(patch, to: document) == expected)
    }

    @Test func aFailedPatchSaysWhichOperationAndWhere() {
        func error(_ patch: String, _ document: String) -> JSONPatchError? {
            #expect(throws: JSONPatchError.self) { try apply(patch, to: document) }
        }
        let first = #"{"op":"add","path":"/x","value":1}"#
        #expect(error("[\(first),{\"op\":\"remove\",\"path\":\"/y\"}]", "{}") == .noSuchValue(index: 1, path: "/y"))
        #expect(
            error(#"[{"op":"test","path":"/a","value":"\#u{E9}"}]"#, "{\"a\":\"e\u{301}\"}")
                == .testFailed(index: 0, path: "/a"))
        #expect(
            error(#"[{"op":"move","from":"/a","path":"/a/b"}]"#, #"{"a":{}}"#)
                == .moveIntoItself(index: 0, path: "/a/b"))
        #expect(error(#"[{"op":"remove","path":"/0/-"}]"#, "[[1]]") == .noSuchValue(index: 0, path: "/0/-"))
        #expect(error(#"[{"op":"add","path":"/0/x/y","value":1}]"#, "[{}]") == .noSuchValue(index: 0, path: "/0/x/y"))
        #expect(error(#"[{"op":"add","path":"/3","value":1}]"#, "[0,1]") == .noSuchValue(index: 0, path: "/3"))
    }

    @Test(arguments: [
        "{}", "null", "[1]", "[{}]", #"[{"op":"add","path":"/a"}]"#, #"[{"op":"frob","path":"/a"}]"#,
        #"[{"op":"Add","path":"/a","value":1}]"#,
        #"[{"op":"add","value":1}]"#, #"[{"op":"add","path":1,"value":1}]"#, #"[{"op":"add","path":"a","value":1}]"#,
        #"[{"op":"move","path":"/a"}]"#, #"[{"op":"move","from":"a","path":"/a"}]"#,
        #"[{"op":"add","path":"/~","value":1}]"#,
        #"[{"op":"add","path":"/a","value":1,"op":"remove"}]"#, #"[{"op":"remove","path":"/a","path":"/b"}]"#,
        #"[{"op":"test","path":"/a","value":1,"value":2}]"#,
    ])
    func malformedPatchesAreRefused(_ text: String) {
        let error = #expect(throws: JSONPatchError.self) { try JSONPatch(JSONValue(parsing: Array(text.utf8))) }
        guard case .malformed? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func unknownMembersAreIgnored() throws {
        #expect(try apply(#"[{"op":"remove","path":"/a","value":1,"note":1,"note":2}]"#, to: #"{"a":1}"#) == "{}")
    }

    @Test func copiesCannotGrowWithoutBound() {
        let copies = JSONPatch((0..<64).map { .copy(from: JSONPointer(["a"]), path: JSONPointer(["a", "\($0)"])) })
        #expect(throws: JSONPatchError.self) { try copies.applied(to: ["a": ["x": 1]]) }
        let wide = JSONPatch((0..<64).map { _ in .copy(from: JSONPointer(["a"]), path: JSONPointer(["a", "-"])) })
        #expect(throws: JSONPatchError.self) { try wide.applied(to: ["a": [1]]) }
    }

    @Test func nothingIsPutDeeperThanTheParserTakes() throws {
        let deepest = JSONPointer((0..<63).map { _ in "0" })
        let nested = (0..<63).reduce(JSONValue.array([])) { value, _ in [value] }
        #expect(throws: Never.self) {
            try JSONPatch([.add(path: deepest.appending("-"), value: 1)]).applied(to: nested)
        }
        for value: JSONValue in [[], [:]] {
            let patch = JSONPatch([.add(path: deepest.appending("-"), value: value)])
            #expect(throws: JSONPatchError.tooDeep(index: 0, path: deepest.appending("-").description)) {
                try patch.applied(to: nested)
            }
        }
        let result = try JSONPatch([.add(path: deepest.appending("-"), value: 1)]).applied(to: nested)
        #expect(try JSONValue(parsing: result.serialized()) == result)
        let document: JSONValue = ["deep": nested, "list": []]
        #expect(throws: JSONPatchError.self) {
            try JSONPatch([.move(from: JSONPointer(["deep"]), path: JSONPointer(["list", "-"]))]).applied(to: document)
        }
    }
}
