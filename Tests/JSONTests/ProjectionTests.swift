import Foundation
import JSON
import Testing
import TestSupport

@Suite("Projections")
struct ProjectionTests {
    private static let nothing = JSONProjection.only([:])

    private func parse(_ text: String, _ projection: JSONProjection) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), keeping: projection)
    }

    @Test("only the wanted members stay, in their order, whatever their escapes")
    func kept() throws {
        let projection = JSONProjection.only(["a": .everything, "b": .only(["x": .everything]), "é": .everything])
        let text =
            #"{"z":[1,{"a":2}],"b":[{"x":1,"y":2},3,{"y":[]}],"\u0061":{"q":1.0},"a":null,"\u00e9":"k","e\u0301":1}"#
        #expect(
            try parse(text, projection).text == #"{"b":[{"x":1},3,{}],"a":{"q":1.0},"a":null,"é":"k"}"#)
        #expect(try parse("[1,2]", projection).text == "[1,2]")
        #expect(try parse(#""text""#, Self.nothing).text == #""text""#)
    }

    @Test("texts are tested, and objects without a wanted one are left out")
    func tested() throws {
        let short = JSONProjection.text { $0.count < 4 }
        let text = #"{"a":"long text","b":["x",{"q":1}],"c":1,"d":"\u00e9é","e":"\u00e9éé","f":"ok"}"#
        let all = JSONProjection.only(["a": short, "b": short, "c": short, "d": short, "e": short, "f": short])
        #expect(
            try parse(text, all).text == #"{"a":null,"b":null,"c":null,"d":null,"e":null,"f":"ok"}"#)

        let variables = JSONProjection.only(["n": .everything, "v": short], requiring: "v")
        let outer = JSONProjection.only(["other": .only(["z": .everything]), "env": variables])
        let list =
            #"{"other":[{"y":1}],"env":[{"n":"1","v":"ok"},{"n":"2","v":"too long"},{"n":"3"},{},4,"#
            + #"{"v":"ok","n":"5","v":"too long"},{"v":"too long","v":"ok"}]}"#
        #expect(
            try parse(list, outer).text
                == #"{"other":[{}],"env":[{"n":"1","v":"ok"},4,{"v":null,"v":"ok"}]}"#)
        #expect(try parse(#"{"n":"1","v":"too long"}"#, variables).text == "{}")
        #expect(throws: JSONError.self) { try parse(#"{"n":"1","v":"too long\q"}"#, variables) }

        let one = JSONProjection.only(["a": .everything, "b": .everything], requiring: "a", "b")
        let either = JSONProjection.only(["n": .everything, "v": short, "from": one], requiring: "v", "from")
        let texts =
            #"[{"n":1,"v":"ok"},{"n":2,"from":{"a":1}},{"n":3,"from":{"c":1}},{"n":4,"from":{"b":{}}},"#
            + #"{"from":{"a":1,"a":null},"n":5},{"n":6,"v":"too long","from":{"b":1}}]"#
        #expect(
            try parse(texts, either).text
                == #"[{"n":1,"v":"ok"},{"n":2,"from":{"a":1}},{"n":6,"v":null,"from":{"b":1}}]"#)
        #expect(throws: JSONError.self) { try parse(#"{"n":"1","v":"#, variables) }
    }

    @Test("with everything wanted nothing changes")
    func everything() throws {
        let text = #"{"z":[1,{"a":2}],"b":"\n","b":-1.0e+2}"#
        #expect(try parse(text, .everything).text == text)
    }

    @Test(
        "what is left out must keep the grammar like everything else",
        arguments: Fixtures.jsonFiles(in: "corpora/JSONTestSuite/test_parsing"))
    func grammar(_ url: URL) throws {
        // Inside a member that nobody wants, and as a member's name that nobody wants.
        let bytes = try Fixtures.bytes(url)
        let wrapped = Array(#"{"unwanted":["#.utf8) + bytes + Array("]}".utf8)
        let whole = Result { () throws(JSONError) in try JSONValue(parsing: wrapped) }
        let projected = Result { () throws(JSONError) in try JSONValue(parsing: wrapped, keeping: Self.nothing) }
        switch (whole, projected) {
        case (.success, .success(let value)): #expect(value == [:])
        case (.failure(let left), .failure(let right)): #expect(left == right)
        default: Issue.record("\(whole) but \(projected)")
        }
    }

    @Test("depth is bounded in what is left out, too")
    func depth() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let text =
                #"{"unwanted":"# + String(repeating: open, count: 100) + "1" + String(repeating: close, count: 100)
                + "}"
            let error = #expect(throws: JSONError.self) { try parse(text, Self.nothing) }
            #expect(error?.reason == .tooDeep)
        }
    }
}
