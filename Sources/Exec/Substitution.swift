/// Puts values in place of references; see ``EnvironmentFormat`` for the rules.
struct Substitution {
    /// Where a text is from.
    enum Place: Sendable {
        case variable(Bytes)
        /// The command is number 0.
        case argument(Int)
    }

    private static let unknown: StaticString = """
         holds a reference to a secret that latchkey-agent has not resolved: if its ConfigMap or Secret has just \
        changed, the next start finds it; if the image brings it, state it in the pod
        """
    private static let bare: StaticString =
        " holds a reference to a secret within a longer text: write ${<reference>} where the reference comes from"
    private static let unclosed: StaticString =
        " holds '${' and a reference to a secret without '}': close it, or write '$${' for a literal '${'"

    private let content: EnvironmentContent
    private var arena = Arena()

    init(_ content: EnvironmentContent) {
        self.content = content
    }

    /// A text with its references replaced, a NUL after it; nil where it stays as it is.
    /// - Parameter prefix: what stands before the result.
    /// - Throws: `reference`, `noMemory`.
    mutating func apply(to text: Bytes, from place: Place, prefix: Bytes) throws(Fault) -> Bytes? {
        // Most texts hold nothing.
        guard text.firstMark(from: 0) != nil else { return nil }
        var length = prefix.count + 1
        guard try forEachPiece(of: text, from: place, { length += $0.count }) else { return nil }
        var result = try Room<UInt8>(capacity: length, in: &arena)
        result.append(prefix)
        _ = try forEachPiece(of: text, from: place) { result.append($0) }
        result.append(0)
        return result.bytes.prefix(length - 1)
    }

    /// Calls with each piece of the result in its order.
    /// - Returns: whether anything in it is not as it was.
    private func forEachPiece(of text: Bytes, from place: Place, _ use: (Bytes) -> Void) throws(Fault) -> Bool {
        if beginning(endingAt: text.firstMark(from: 0), in: text) == 0 {
            use(try value(of: text, from: place))
            return true
        }
        var done = 0
        var next = 0
        var isChanged = false
        while let mark = text.firstMark(from: next) {
            next = mark + 3
            guard let start = beginning(endingAt: mark, in: text) else { continue }
            guard text.dropping(start - 2).prefix(2).isSame(as: Bytes("${")), start >= 2 else {
                if !content.hasBareText, let byte = text.byte(at: start - 1), byte.isPartOfScheme { continue }
                throw .reference(place, Self.bare)
            }
            isChanged = true
            if text.byte(at: start - 3) == UInt8(ascii: "$") {
                // The second `$` is left out.
                use(text.prefix(start - 2).dropping(done))
                done = start - 1
                continue
            }
            guard let length = text.dropping(start).firstIndex(of: UInt8(ascii: "}")) else {
                throw .reference(place, Self.unclosed)
            }
            use(text.prefix(start - 2).dropping(done))
            done = start + length + 1
            next = done
            use(try value(of: text.prefix(done).dropping(start - 2), from: place))
        }
        use(text.dropping(done))
        return isChanged
    }

    private func value(of text: Bytes, from place: Place) throws(Fault) -> Bytes {
        guard let replacement = content.replacements.element(of: text) else {
            throw .reference(place, Self.unknown)
        }
        return replacement.value
    }

    /// Where the longest beginning starts whose `://` is at `mark`.
    private func beginning(endingAt mark: Int?, in text: Bytes) -> Int? {
        guard let mark else { return nil }
        var first: Int?
        for index in 0..<content.beginnings.count {
            guard let beginning = content.beginnings.element(at: index) else { break }
            let start = mark + 3 - beginning.count
            guard start >= 0, start < first ?? mark, text.hasLetters(of: beginning, at: start) else { continue }
            first = start
        }
        return first
    }
}

extension Bytes {
    /// The next `://`.
    fileprivate func firstMark(from start: Int) -> Int? {
        var start = start
        while let colon = dropping(start).firstIndex(of: UInt8(ascii: ":")) {
            start += colon
            let slash = UInt8(ascii: "/")
            if byte(at: start + 1) == slash, byte(at: start + 2) == slash { return start }
            start += 1
        }
        return nil
    }

    /// Whether the letters of a beginning stand there, in whatever case.
    fileprivate func hasLetters(of beginning: Bytes, at start: Int) -> Bool {
        for index in 0..<beginning.count - 3 {
            guard let byte = byte(at: start + index), byte | 0x20 == beginning.byte(at: index) else { return false }
        }
        return true
    }
}

extension UInt8 {
    /// RFC 3986, section 3.1: what the scheme of a URL may hold.
    fileprivate var isPartOfScheme: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20
        }
    }
}
