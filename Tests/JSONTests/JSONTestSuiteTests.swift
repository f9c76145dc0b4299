import Foundation
import JSON
import TestSupport
import Testing

/// https://github.com/nst/JSONTestSuite: `y_` must be taken, `n_` must be refused, `i_` may be either.
@Suite(.enabled(if: Fixtures.arePresent, Comment(rawValue: Fixtures.skipMessage)))
struct JSONTestSuiteTests {
    private static let files = Fixtures.jsonFiles(in: "corpora/JSONTestSuite/test_parsing")

    private static func files(_ prefix: String) -> [URL] {
        files.filter { $0.lastPathComponent.hasPrefix(prefix) }
    }

    @Test func theSuiteIsWhole() {
        #expect(Self.files("y_").count == 95)
        #expect(Self.files("n_").count == 188)
        #expect(Self.files("i_").count == 35)
    }

    @Test(arguments: files("y_"))
    func valid(_ file: URL) throws {
        let value = try Fixtures.json(file)
        let printed = value.serialized()
        let again = try JSONValue(parsing: printed)
        #expect(again == value)
        #expect(again.serialized() == printed)
    }

    @Test(arguments: files("n_"))
    func invalid(_ file: URL) throws {
        let bytes = try Fixtures.bytes(file)
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    /// Neither answer is wrong, but each is decided: texts that are no Unicode are refused, sizes of numbers are not.
    @Test(arguments: files("i_"))
    func implementationDefined(_ file: URL) throws {
        let bytes = try Fixtures.bytes(file)
        let isTaken = (try? JSONValue(parsing: bytes)) != nil
        #expect(isTaken == file.lastPathComponent.hasPrefix("i_number"))
    }
}
