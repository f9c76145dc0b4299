/// `application/x-www-form-urlencoded`.
package enum FormEncoding {
    /// The pairs as a body; all but RFC 3986's unreserved letters is escaped.
    package static func encode(_ pairs: [(String, String)]) -> [UInt8] {
        var body: [UInt8] = []
        for (index, (name, value)) in pairs.enumerated() {
            if index > 0 { body.append(UInt8(ascii: "&")) }
            escape(name, into: &body)
            body.append(UInt8(ascii: "="))
            escape(value, into: &body)
        }
        return body
    }

    /// A text as part of a URL, escaped likewise.
    package static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        escape(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a byte is one of RFC 3986's unreserved characters.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func escape(_ text: String, into body: inout [UInt8]) {
        for byte in text.utf8 {
            if isUnreserved(byte) {
                body.append(byte)
            } else {
                body.append(UInt8(ascii: "%"))
                body.append(hexDigit(byte >> 4))
                body.append(hexDigit(byte & 0x0F))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
