import JSON

/// How often rotation is looked for, as people write it: `30s`, `2m`, `1h30m`, or `off`.
public enum RefreshInterval: Sendable, Equatable {
    /// Never.
    case off
    /// This often, in seconds; one of ``range``.
    case every(seconds: Int)

    /// The intervals that are taken, in seconds: one second to seven days.
    public static let range = 1...604_800

    /// What is accepted, for messages.
    public static let accepted = "a duration from 1s to 7d such as 30s, 2m or 1h30m, or off"

    /// Nil where the text is no such interval: whole numbers, each with its unit, the larger unit first.
    public init?(_ text: String) {
        if text.isSameText(as: "off") {
            self = .off
            return
        }
        var units: ArraySlice<(UInt8, Int)> = [
            (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
        ]
        var seconds = 0
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest.dropFirst(digits.count)
            // Six digits are more than the range has, and too few to overflow.
            guard 1...6 ~= digits.count, let number = Int(String(Substring(digits))), let unit = rest.popFirst(),
                let place = units.firstIndex(where: { $0.0 == unit })
            else { return nil }
            seconds += number * units[place].1
            units = units[place...].dropFirst()
        }
        guard Self.range ~= seconds else { return nil }
        self = .every(seconds: seconds)
    }

    /// `seconds` as people write it, e.g. `1h30m`.
    public static func text(seconds: Int) -> String {
        var rest = seconds
        var text = ""
        for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }
}
