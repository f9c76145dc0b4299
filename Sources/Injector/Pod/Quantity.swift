/// A Kubernetes quantity (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/) in
/// thousandths of a nano: exact for every quantity that a pod really carries.
public struct Quantity: Sendable, Hashable {
    /// The value times 10^9, rounded up.
    private let nanos: Int128

    /// Nil where the text is no quantity or far too large.
    public init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var digits: Int128 = 0
        var decimals = 0
        var seenPoint = false
        var seenDigit = false
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
            } else if UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
                guard digits < 1_000_000_000_000_000_000_000, decimals < 18 else { return nil }
                digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
                seenDigit = true
                if seenPoint { decimals += 1 }
            } else {
                break
            }
            rest.removeFirst()
        }
        guard seenDigit, let scale = Self.scale(String(Substring(rest))) else { return nil }
        var (value, overflow) = digits.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        for _ in 0..<decimals {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
            value = quotient + (remainder == 0 ? 0 : 1)
        }
        nanos = isNegative ? -value : value
    }

    /// The suffix's factor times 10^9.
    private static func scale(_ suffix: String) -> Int128? {
        switch suffix {
        case "n": return 1
        case "u": return 1_000
        case "m": return 1_000_000
        case "": return 1_000_000_000
        case "k": return 1_000_000_000_000
        case "M": return 1_000_000_000_000_000
        case "G": return 1_000_000_000_000_000_000
        case "T": return 1_000_000_000_000_000_000_000
        case "P": return 1_000_000_000_000_000_000_000_000
        case "E": return 1_000_000_000_000_000_000_000_000_000
        case "Ki": return 1_000_000_000 << 10
        case "Mi": return 1_000_000_000 << 20
        case "Gi": return 1_000_000_000 << 30
        case "Ti": return 1_000_000_000 << 40
        case "Pi": return 1_000_000_000 << 50
        case "Ei": return 1_000_000_000 << 60
        default: break
        }
        // Decimal exponent: e or E with an optional sign.
        guard let first = suffix.utf8.first, first | 0x20 == UInt8(ascii: "e"),
            let exponent = Int(suffix.dropFirst()), -9...18 ~= exponent
        else { return nil }
        return (0..<(exponent + 9)).reduce(1) { value, _ in value * 10 }
    }

    /// Whether it is 0.
    public var isZero: Bool { nanos == 0 }

    /// The whole value in bytes or whatever the unit is, rounded up; nil where it does not fit.
    public var wholeValue: Int? {
        let (quotient, remainder) = nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int(exactly: quotient + (remainder > 0 ? 1 : 0))
    }

    /// A number of bytes in the spelling that the apiserver would give it, e.g. `32Mi`, so that a stored pod compares
    /// equal to what is written here.
    static func bytes(_ count: Int) -> String {
        for (shift, suffix) in [(40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")]
        where count > 0 && count & ((1 << shift) - 1) == 0 {
            return "\(count >> shift)\(suffix)"
        }
        return String(count)
    }
}
