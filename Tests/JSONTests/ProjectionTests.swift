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
