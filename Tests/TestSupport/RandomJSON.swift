public import JSON

extension SeededGenerator {
    /// Characters that have gone wrong in JSON programs before, beside plain ones.
    private static let characters: [Character] = Array(
        "abcXYZ019 _-./~*#\"\\\u{0}\u{8}\n\r\t\u{C}\u{1F}\u{7F}\u{85}\u{2028}\u{FEFF}\u{FFFD}\u{10FFFF}"
            + "äß\u{301}€𝄞👩‍👩‍👧日本"
    ).map { $0 }

    /// A text of up to `maximumLength` characters.
    public mutating func text(maximumLength: Int = 12) -> String {
        let count = Int.random(in: 0...maximumLength, using: &self)
        return String((0..<count).map { _ in Self.characters.randomElement(using: &self) ?? "a" })
    }

    /// A number in any spelling that RFC 8259 allows.
    public mutating func number() -> JSONNumber {
        var text = once(in: 3) ? "-" : ""
        let magnitude = UInt64.random(in: 1...UInt64.max, using: &self) >> UInt64.random(in: 0...63, using: &self)
        text += once(in: 4) ? "0" : String(magnitude)
        if once(in: 4) { text += "." + String(UInt32.random(in: 0...UInt32.max, using: &self)) }
        if once(in: 5) {
            text += (once(in: 2) ? "e" : "E") + ["", "+", "-"][Int.random(in: 0...2, using: &self)]
            text += once(in: 5) ? "00" : String(UInt16.random(in: 0...UInt16.max, using: &self))
        }
        return JSONNumber(text) ?? JSONNumber(0)
    }

    /// A value that lies at most `depth` levels deep; objects now and then repeat a name.
    public mutating func value(depth: Int = 5) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(once(in: 2))
        case 2: return .number(number())
        case 3, 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0...5, using: &self)).map { _ in value(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...6, using: &self) {
                let repeated = once(in: 10) ? object.members.randomElement(using: &self)?.name : nil
                object.append(repeated ?? text(), value(depth: depth - 1))
            }
            return .object(object)
        }
    }

    /// Bytes with one to eight changes: flipped, overwritten, removed, doubled, cut off or spliced with `words`.
    public mutating func mutated(_ bytes: [UInt8], words: [String] = []) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &self) {
            guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &self)] }
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<7, using: &self) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &self)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(bytes[place], at: place)
            case 4: bytes.removeLast(Int.random(in: 0...min(8, bytes.count), using: &self))
            case 5:
                let end = min(bytes.count, place + Int.random(in: 1...32, using: &self))
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &self))
            default: bytes.insert(contentsOf: (words.randomElement(using: &self) ?? "").utf8, at: place)
            }
        }
        return bytes
    }
}
