import Foundation
import JSON
import TestSupport
import Testing

/// Captured reviews come out of a parse and a print as they went in: the order of members, the text of numbers and
/// what nobody here has heard of.
@Suite(.enabled(if: Fixtures.arePresent, Comment(rawValue: Fixtures.skipMessage)))
struct JSONRoundTripTests {
    private static let reviews = Fixtures.jsonFiles(in: "admission")

    @Test func thereAreReviews() {
        #expect(Self.reviews.count > 70)
    }

    @Test(arguments: reviews)
    func review(_ file: URL) throws {
        let bytes = try Fixtures.bytes(file)
        let value = try JSONValue(parsing: bytes)
        #expect(try JSONValue(parsing: value.serialized()) == value)
        #expect(Self.withoutSpaceAndEscapes(value.serialized()) == Self.withoutSpaceAndEscapes(bytes))
    }

    /// The text with white space outside of strings removed and every escape spelled `\uXXXX`.
    ///
    /// It is written apart from the parser under test, for texts that are known to be JSON.
    private static func withoutSpaceAndEscapes(_ bytes: [UInt8]) -> String {
        var output = ""
        var isInString = false
        var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\\", let escaped = scalars.popFirst() {
                if escaped == "u" {
                    let digits = String(String.UnicodeScalarView(scalars.prefix(4)))
                    scalars = scalars.dropFirst(4)
                    output += unescaped(UInt32(digits, radix: 16) ?? 0)
                } else {
                    let named: [Unicode.Scalar: UInt32] = ["b": 8, "f": 12, "n": 10, "r": 13, "t": 9]
                    output += unescaped(named[escaped] ?? escaped.value)
                }
            } else if scalar == "\"" {
                isInString.toggle()
                output.unicodeScalars.append(scalar)
            } else if isInString || !" \n\r\t".unicodeScalars.contains(scalar) {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func unescaped(_ value: UInt32) -> String {
        if value >= 0x20, value != 0x22, value != 0x5C, let scalar = Unicode.Scalar(value) { return String(scalar) }
        return "\\u" + String(value, radix: 16)
    }
}
