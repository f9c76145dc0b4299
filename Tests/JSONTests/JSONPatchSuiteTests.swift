import Foundation
import JSON
import TestSupport
import Testing

/// https://github.com/json-patch/json-patch-tests: `expected` must come out, a case with `error` must fail.
@Suite(.enabled(if: Fixtures.arePresent, Comment(rawValue: Fixtures.skipMessage)))
struct JSONPatchSuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let document: JSONValue
        let patch: JSONValue
        let expected: JSONValue?
        let isError: Bool
        var testDescription: String { name }
    }

    private static let cases: [Case] = ["tests.json", "spec_tests.json"].flatMap { file -> [Case] in
        let url = Fixtures.root?.appendingPathComponent("corpora/json-patch-tests/\(file)")
        let entries = url.flatMap { try? Fixtures.json($0) }?.array ?? []
        return entries.enumerated().compactMap { index, entry in
            guard let document = entry["doc"], let patch = entry["patch"], entry["disabled"] == nil else { return nil }
            return Case(
                name: "\(file)[\(index)] \(entry["comment"]?.string ?? "")", document: document, patch: patch,
                expected: entry["expected"], isError: entry["error"] != nil)
        }
    }

    @Test func theSuiteIsWhole() {
        #expect(Self.cases.count == 108)
    }

    @Test(arguments: cases)
    func run(_ test: Case) throws {
        if test.isError {
            #expect(throws: JSONPatchError.self) { try JSONPatch(test.patch).applied(to: test.document) }
            return
        }
        let patch = try JSONPatch(test.patch)
        let result = try patch.applied(to: test.document)
        if let expected = test.expected { #expect(result == expected) }
        #expect(try JSONPatch(patch.document) == patch)
    }
}
