/// How a string is written so that every reader of YAML 1.1 and 1.2 takes it for that string.
enum YAMLStringStyle {
    /// The string on one line: plain, in single or in double quotes.
    static func singleLine(_ text: String) -> String {
        guard text.unicodeScalars.allSatisfy({ isPrintable($0) && $0 != "\n" && $0 != "\t" }), !text.isEmpty,
            !YAMLAmbiguity.mayBeAnotherType(text)
        else { return doubleQuoted(text) }
        return canBePlain(text) ? text : singleQuoted(text)
    }

    /// The `|` line of a literal block, or nil where the string has one line only or a literal would lose something.
    static func literalHeader(_ text: String) -> String? {
        let bytes = text.utf8
        guard bytes.contains(UInt8(ascii: "\n")), let first = bytes.first, let last = bytes.last,
            bytes.contains(where: { $0 != UInt8(ascii: "\n") }), last != UInt8(ascii: " "), last != UInt8(ascii: "\t"),
            text.unicodeScalars.allSatisfy(isPrintable)
        else { return nil }
        // A reader finds the indentation by the first line, which must then begin with something else.
        let indentation = first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") || first == UInt8(ascii: "\n")
        let chomping =
            last != UInt8(ascii: "\n") ? "-" : bytes.dropLast().last == UInt8(ascii: "\n") ? "+" : ""
        return "|" + (indentation ? "2" : "") + chomping
    }

    /// Whether a character may stand unescaped: what libyaml's reader takes, less what it takes for line breaks.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x20...0x7E: true
        case 0x2028, 0x2029, 0xFEFF: false
        case 0xA0...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    private static func canBePlain(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, first != UInt8(ascii: " "), last != UInt8(ascii: " "),
            last != UInt8(ascii: ":"), !text.hasPrefix("---"), !text.hasPrefix("...")
        else { return false }
        switch first {
        case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
            guard bytes.count > 1, bytes[1] != UInt8(ascii: " ") else { return false }
        default:
            guard !",[]{}#&*!|>'\"%@`".utf8.contains(first) else { return false }
        }
        return zip(bytes, bytes.dropFirst()).allSatisfy { one, next in
            !(one == UInt8(ascii: ":") && next == UInt8(ascii: " "))
                && !(one == UInt8(ascii: " ") && next == UInt8(ascii: "#"))
        }
    }

    private static func singleQuoted(_ text: String) -> String {
        var output = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" { output.append("'") }
            output.unicodeScalars.append(scalar)
        }
        return output + "'"
    }

    private static func doubleQuoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output.append("\\\"")
            case "\\": output.append("\\\\")
            case "\n": output.append("\\n")
            case "\t": output.append("\\t")
            case "\r": output.append("\\r")
            case _ where isPrintable(scalar): output.unicodeScalars.append(scalar)
            default: output.append(escape(scalar.value))
            }
        }
        return output + "\""
    }

    private static func escape(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        let (mark, width) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\\(mark)" + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
