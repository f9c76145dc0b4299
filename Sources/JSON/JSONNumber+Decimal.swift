extension JSONNumber {
    /// A number in the one form that all its spellings share: sign * 0.digits * 10^exponent, without leading or
    /// trailing zeros in `digits`; zero has no digits and no sign. No size is beyond it.
    struct Decimal: Equatable {
        private var isNegative: Bool
        private var digits: [UInt8]
        private var exponent: Exponent

        init(_ number: JSONNumber) {
            let text = number.text.utf8
            let mark = text.firstIndex { $0 | 0x20 == UInt8(ascii: "e") }
            let mantissa = text[..<(mark ?? text.endIndex)]
            let point = mantissa.firstIndex(of: UInt8(ascii: "."))
            let whole = mantissa[..<(point ?? mantissa.endIndex)].filter(Self.isDigit)
            let fraction = point.map { mantissa[$0...].filter(Self.isDigit) } ?? []

            let all = whole + fraction
            let leading = all.prefix { $0 == UInt8(ascii: "0") }.count
            digits = Array(all.dropFirst(leading))
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
            isNegative = !digits.isEmpty && text.first == UInt8(ascii: "-")
            exponent = Exponent(
                written: digits.isEmpty ? [] : mark.map { Array(text[$0...].dropFirst()) } ?? [],
                shift: digits.isEmpty ? 0 : whole.count - leading)
        }

        private static func isDigit(_ byte: UInt8) -> Bool {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
    }

    /// A power of ten of any size: `high` * 10^17 + `low`, where 0 <= `low` < 10^17.
    private struct Exponent: Equatable {
        private static let base = 100_000_000_000_000_000
        private static let lowDigits = 17

        /// The magnitude's decimal digits as numbers, without leading zeros; empty for 0.
        private var high: [UInt8]
        private var highIsNegative: Bool
        private var low: Int

        /// `written`: digits behind an optional sign. `shift`: far smaller than 10^17, as the length of a text is.
        init(written: [UInt8], shift: Int) {
            let isNegative = written.first == UInt8(ascii: "-")
            let digits = written.filter { $0 >= UInt8(ascii: "0") }.map { $0 - UInt8(ascii: "0") }
                .drop { $0 == 0 }
            high = Array(digits.dropLast(Self.lowDigits))
            highIsNegative = isNegative && !high.isEmpty
            let magnitude = digits.suffix(Self.lowDigits).reduce(0) { $0 * 10 + Int($1) }
            low = (isNegative ? -magnitude : magnitude) + shift
            while low < 0 {
                low += Self.base
                addToHigh(-1)
            }
            while low >= Self.base {
                low -= Self.base
                addToHigh(1)
            }
        }

        /// Adds 1 or -1.
        private mutating func addToHigh(_ step: Int) {
            if high.isEmpty {
                high = [1]
                highIsNegative = step < 0
                return
            }
            let grows = (step < 0) == highIsNegative
            var place = high.count - 1
            while place >= 0, high[place] == (grows ? 9 : 0) {
                high[place] = grows ? 0 : 9
                place -= 1
            }
            if place >= 0 {
                high[place] = grows ? high[place] + 1 : high[place] - 1
            } else {
                high.insert(1, at: 0)
            }
            while high.first == 0 { high.removeFirst() }
            if high.isEmpty { highIsNegative = false }
        }
    }
}
