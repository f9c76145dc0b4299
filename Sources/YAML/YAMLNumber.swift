import JSON

/// Numbers as goyaml.v2 recognises them.
enum YAMLNumber {
    /// The number that a plain scalar is, its text kept where JSON can write it so; nil for anything else.
    static func parse(_ text: String) -> JSONNumber? {
        guard let first = text.utf8.first, text.utf8.count <= maximumLength else { return nil }
        switch first {
        case UInt8(ascii: "."):
            // Here Go's own rule for underscores holds: digits on both sides.
            return hasStrayUnderscore(text) ? nil : decimal(Substring(text.filter { $0 != "_" }))
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let plain = text.utf8.contains(UInt8(ascii: "_")) ? text.filter { $0 != "_" } : text
            return integer(plain) ?? decimal(Substring(plain))
        default:
            return nil
        }
    }

    private static func hasStrayUnderscore(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { index in
            bytes[index] == UInt8(ascii: "_")
                && !(index > 0 && isDigit(bytes[index - 1], base: 10)
                    && index + 1 < bytes.count && isDigit(bytes[index + 1], base: 10))
        }
    }

    /// Longer digit strings are no numbers of any manifest.
    private static let maximumLength = 1024

    static func isInteger(_ number: JSONNumber) -> Bool {
        number.text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    /// Go's `ParseInt(text, 0, 64)`, then `ParseUint`: a prefix or a leading zero names the base.
    private static func integer(_ text: String) -> JSONNumber? {
        var digits = text.utf8[...]
        let sign = digits.first.flatMap { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") ? $0 : nil }
        if sign != nil { digits = digits.dropFirst() }
        guard let first = digits.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= first else { return nil }
        var base = 10
        if first == UInt8(ascii: "0"), let second = digits.dropFirst().first {
            switch second | 0x20 {
            case UInt8(ascii: "x"): base = 16
            case UInt8(ascii: "o"): base = 8
            case UInt8(ascii: "b"): base = 2
            default: base = 8
            }
            digits = digits.dropFirst(base == 8 && second | 0x20 != UInt8(ascii: "o") ? 1 : 2)
        }
        guard let lead = digits.first, isDigit(lead, base: base) else { return nil }
        guard let magnitude = UInt64(Substring(digits), radix: base) else { return nil }
        // Signed numbers have 63 bits for their magnitude; only an unsigned one may use the 64th.
        let isNegative = sign == UInt8(ascii: "-")
        let limit: UInt64 = isNegative ? 1 << 63 : sign != nil ? (1 << 63) - 1 : .max
        guard magnitude <= limit else { return nil }
        return JSONNumber((isNegative ? "-" : "") + String(magnitude))
    }

    /// `UInt64.init(_:radix:)` takes a sign of its own, which must not follow a prefix.
    private static func isDigit(_ byte: UInt8, base: Int) -> Bool {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < base } ?? false
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` within a double's range.
    private static func decimal(_ text: Substring) -> JSONNumber? {
        var rest = text.utf8[...]
        var output: [UInt8] = []
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            if sign == UInt8(ascii: "-") { output.append(sign) }
            rest = rest.dropFirst()
        }
        let whole = takeDigits(&rest)
        output.append(contentsOf: withoutLeadingZeros(whole))
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = takeDigits(&rest)
            guard !whole.isEmpty || !fraction.isEmpty else { return nil }
            if !fraction.isEmpty { output.append(contentsOf: [UInt8(ascii: ".")] + fraction) }
        } else if whole.isEmpty {
            return nil
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            output.append(mark)
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                output.append(sign)
                rest = rest.dropFirst()
            }
            let exponent = takeDigits(&rest)
            guard !exponent.isEmpty else { return nil }
            output.append(contentsOf: exponent)
        }
        guard rest.isEmpty else { return nil }
        let normal = String(decoding: output, as: UTF8.self)
        guard let value = Double(normal), value.isFinite else { return nil }
        return JSONNumber(normal)
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View.SubSequence) -> [UInt8] {
        let digits = Array(rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private static func withoutLeadingZeros(_ digits: [UInt8]) -> [UInt8] {
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        return significant.isEmpty ? [UInt8(ascii: "0")] : Array(significant)
    }
}
