/// A piece of a text as Kubernetes' expansion reads it. The tokens of a text lie side by side and cover it; expanding
/// each by itself and the text as a whole is the same.
struct ExpansionToken {
    enum Kind: Equatable {
        /// Without `$`, or a `$` at the very end.
        case text
        /// A `$` that begins no reference, and the byte after it; comes out as these bytes.
        case operatorText([UInt8])
        /// `$(NAME)`, with the place of the name.
        case reference(name: Range<Int>)
    }

    let kind: Kind
    /// Where it is in the text.
    let range: Range<Int>

    /// All tokens, in time linear in the text's length.
    static func tokens(of text: [UInt8]) -> [ExpansionToken] {
        let dollar = UInt8(ascii: "$")
        // Behind it no name ends, so nothing more is a reference.
        let lastCloser = text.lastIndex(of: UInt8(ascii: ")")) ?? -1
        var tokens: [ExpansionToken] = []
        var start = 0
        var index = 0
        while index + 1 < text.count {
            guard text[index] == dollar else {
                index += 1
                continue
            }
            if start < index { tokens.append(ExpansionToken(kind: .text, range: start..<index)) }
            let token = Self.token(in: text, at: index, lastCloser: lastCloser)
            tokens.append(token)
            index = token.range.upperBound
            start = index
        }
        if start < text.count { tokens.append(ExpansionToken(kind: .text, range: start..<text.count)) }
        return tokens
    }

    /// - Parameter index: of a `$` that is not the last byte.
    private static func token(in text: [UInt8], at index: Int, lastCloser: Int) -> ExpansionToken {
        let dollar = UInt8(ascii: "$")
        let opener = UInt8(ascii: "(")
        let next = text[index + 1]
        let pair = index..<index + 2
        switch next {
        case dollar:
            return ExpansionToken(kind: .operatorText([dollar]), range: pair)
        case opener:
            guard index < lastCloser,
                let closer = text[(index + 2)...].firstIndex(of: UInt8(ascii: ")"))
            else { return ExpansionToken(kind: .operatorText([dollar, opener]), range: pair) }
            return ExpansionToken(kind: .reference(name: index + 2..<closer), range: index..<closer + 1)
        default:
            let character = String(Unicode.Scalar(next)).utf8
            return ExpansionToken(kind: .operatorText([dollar] + character), range: pair)
        }
    }
}
