import JSON

extension YAMLScalar {
    /// A plain key that needs no conversion: nil where the text is not a string by itself.
    static func plainKey(_ text: String) -> String? {
        guard case .value(.string(let key)) = plain(text) else { return nil }
        return key
    }

    /// The name that a key becomes in JSON, as sigs.k8s.io/yaml has it; nil for a key that it refuses.
    static func key(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .bool(let truth): truth ? "true" : "false"
        case .number(let number): YAMLNumber.isInteger(number) ? integerKey(number.text) : floatKey(number.text)
        case .null, .array, .object: nil
        }
    }

    private static func integerKey(_ text: String) -> String {
        text == "-0" ? "0" : text
    }

    /// The shortest text of the number in 32 bits: a key `2.10` becomes `2.1`.
    private static func floatKey(_ text: String) -> String? {
        guard let value = Float(text), value.isFinite else { return nil }
        let shortest = value.description
        return shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest
    }
}
