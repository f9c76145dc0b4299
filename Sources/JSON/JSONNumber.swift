/// A JSON number, kept as the text it was written in.
public struct JSONNumber: Sendable {
    /// The number as written, e.g. `1.0`, `1e3`, `12345678901234567890`.
    public let text: String

    /// A number whose text the caller has already checked against the grammar.
    init(checkedText text: String) {
        self.text = text
    }

    /// An integer.
    public init(_ value: Int) {
        text = String(value)
    }

    /// A number from its text; nil where that is no number of RFC 8259's grammar.
    public init?(_ text: String) {
        guard case .number(let number)? = try? JSONValue(parsing: Array(text.utf8)), number.text == text else {
            return nil
        }
        self = number
    }
}

/// Equality by value: `1`, `1.0` and `10e-1` are equal, whatever their size.
extension JSONNumber: Equatable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        guard let a = Decimal(left.text), let b = Decimal(right.text) else { return false }
        return a == b
    }

    /// sign * 0.digits * 10^exponent, without leading or trailing zeros in `digits`; zero has no digits.
    private struct Decimal: Equatable {
        var isNegative: Bool
        var digits: [UInt8]
        var exponent: Int

        /// Nil where the exponent does not fit a machine word.
        init?(_ text: String) {
            var mantissa = Substring(text)
            var written = 0
            if let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
                mantissa = text[..<mark]
                guard let value = Int(text[text.index(after: mark)...]) else { return nil }
                written = value
            }
            isNegative = mantissa.first == "-"
            let parts = mantissa.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
            let whole = Array((parts.first ?? "").utf8)
            let all = whole + Array((parts.count > 1 ? parts[1] : "").utf8)
            let zero = UInt8(ascii: "0")
            let leading = all.prefix { $0 == zero }.count
            digits = Array(all.dropFirst(leading))
            while digits.last == zero { digits.removeLast() }
            let (sum, overflow) = written.addingReportingOverflow(whole.count - leading)
            if overflow { return nil }
            exponent = sum
            if digits.isEmpty {
                isNegative = false
                exponent = 0
            }
        }
    }
}
