import JSON

/// A value with what the bounds need to know of it.
struct YAMLNode {
    var value: JSONValue
    /// Roughly the bytes that the value takes when it is written out.
    var weight: Int
    /// How deep sequences and mappings lie in each other in it; 0 for a scalar.
    var height: Int

    static func scalar(_ value: JSONValue, textLength: Int) -> YAMLNode {
        YAMLNode(value: value, weight: textLength.addingReportingOverflow(8).partialValue, height: 0)
    }

    /// Takes a child's weight and height in.
    mutating func absorb(_ child: YAMLNode) {
        let (sum, overflow) = weight.addingReportingOverflow(child.weight)
        weight = overflow ? .max : sum
        height = max(height, child.height + 1)
    }
}
