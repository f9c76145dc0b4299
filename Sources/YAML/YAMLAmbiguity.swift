import JSON

/// Strings that some reader of YAML would take for something else without quotes.
enum YAMLAmbiguity {
    /// Errs on the side of quotes: what YAML 1.1, YAML 1.2 or goyaml may resolve to no string.
    static func mayBeAnotherType(_ text: String) -> Bool {
        guard case .value(.string) = YAMLScalar.plain(text) else { return true }
        if text == "<<" || text == "=" { return true }
        guard let first = text.utf8.first,
            first == UInt8(ascii: "+") || first == UInt8(ascii: "-") || first == UInt8(ascii: ".") || isDigit(first)
        else { return false }
        let bytes = text.utf8.filter { $0 != UInt8(ascii: "_") }
        let isSigned = bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-")
        let unsigned = bytes.dropFirst(isSigned ? 1 : 0)
        return isPrefixed(unsigned) || isDecimal(unsigned) || isSexagesimal(unsigned) || isTimestamp(unsigned)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isExponentMark(_ byte: UInt8) -> Bool {
        byte | 0x20 == UInt8(ascii: "e")
    }

    /// `0x1F`, `0o17`, `0b101`, whatever the digits' count.
    private static func isPrefixed(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.first == UInt8(ascii: "0"), let mark = bytes.dropFirst().first,
            "xXoObB".utf8.contains(mark)
        else { return false }
        return bytes.dropFirst(2).allSatisfy { isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20 }
    }

    /// `12`, `1.`, `.5`, `1e3`, `1e400`: out of a double's range included.
    private static func isDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        let mantissa = bytes.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
        guard mantissa.contains(where: isDigit), mantissa.count(where: { $0 == UInt8(ascii: ".") }) <= 1 else {
            return false
        }
        let rest = bytes.dropFirst(mantissa.count)
        guard let mark = rest.first else { return true }
        guard isExponentMark(mark) else { return false }
        let exponent = rest.dropFirst()
        let isSigned = exponent.first == UInt8(ascii: "+") || exponent.first == UInt8(ascii: "-")
        return exponent.dropFirst(isSigned ? 1 : 0).allSatisfy(isDigit)
    }

    /// YAML 1.1's base 60: `12:30:45`, `190:20:30.15`.
    private static func isSexagesimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last else { return false }
        let lastDigits = last.prefix { $0 != UInt8(ascii: ".") }
        let fraction = last.dropFirst(lastDigits.count).dropFirst()
        return (parts.dropLast() + [lastDigits]).allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
            && fraction.allSatisfy(isDigit)
    }

    /// `2001-1-1`, alone or with a time of any form behind it.
    private static func isTimestamp(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "-"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[0].allSatisfy(isDigit), 1...2 ~= parts[1].count,
            parts[1].allSatisfy(isDigit)
        else { return false }
        let day = parts[2].prefix(while: isDigit)
        let rest = parts[2].dropFirst(day.count)
        return 1...2 ~= day.count
            && (rest.first.map { "Tt \t".utf8.contains($0) } ?? true)
    }
}
