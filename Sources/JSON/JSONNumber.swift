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
    /// Whether both are equal in that sense.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.text.isSameText(as: right.text) || Decimal(left) == Decimal(right)
    }
}
