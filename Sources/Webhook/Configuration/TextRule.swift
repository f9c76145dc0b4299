/// What single texts of the configuration must look like. Each gives the value, or nil where it is not accepted.
enum TextRule {
    /// One line of printable text, not empty.
    @Sendable static func line(_ text: String) -> String? {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } ? text : nil
    }

    /// An absolute path.
    @Sendable static func path(_ text: String) -> String? {
        text.hasPrefix("/") && !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) ? text : nil
    }

    /// An image reference.
    @Sendable static func image(_ text: String) -> String? {
        line(text).flatMap { $0.utf8.allSatisfy { $0 < 0x7F } ? $0 : nil }
    }

    /// An amount of processors.
    @Sendable static func processors(_ text: String) -> String? {
        QuantityText.isProcessorAmount(text) ? text : nil
    }

    /// A GUID or a domain.
    @Sendable static func identifier(_ text: String) -> String? {
        1...253 ~= text.utf8.count && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") } ? text : nil
    }

    /// A vault's name, in lower case.
    @Sendable static func vaultName(_ text: String) -> String? {
        1...127 ~= text.utf8.count && text.utf8.allSatisfy(isWord) ? text.lowercased() : nil
    }

    /// A DNS name, a port may follow.
    @Sendable static func domain(_ text: String) -> String? {
        authority(Substring(text)) ? text.lowercased() : nil
    }

    /// `https://host[:port]`, without a path; a single `/` at the end is dropped.
    @Sendable static func httpsOrigin(_ text: String) -> String? {
        origin(text, schemes: ["https://"])
    }

    /// `http://host[:port]` or `https://host[:port]`.
    @Sendable static func proxy(_ text: String) -> String? {
        origin(text, schemes: ["http://", "https://"])
    }

    /// `https://` and something behind it.
    @Sendable static func httpsURL(_ text: String) -> String? {
        text.hasPrefix("https://") && text.utf8.count > 8 ? line(text) : nil
    }

    private static func origin(_ text: String, schemes: [String]) -> String? {
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else { return nil }
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        return authority(rest) ? scheme + rest : nil
    }

    private static func authority(_ text: Substring) -> Bool {
        ListenAddress(parsing: String(text)) != nil || ListenAddress(parsing: "\(text):0") != nil
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
