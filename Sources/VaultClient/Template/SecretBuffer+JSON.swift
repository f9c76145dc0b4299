extension SecretBuffer {
    /// Appends UTF-8 text as a JSON string with its quotes (RFC 8259, section 7); false where it is no UTF-8.
    func appendJSONString(_ text: UnsafeRawBufferPointer) -> Bool {
        append(UInt8(ascii: "\""))
        let isText = Self.forEachScalar(of: text) { scalar in
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{0}"..."\u{1F}":
                append("\\u")
                appendHexadecimal(scalar.value, digits: 4)
            default: append(scalar)
            }
        }
        append(UInt8(ascii: "\""))
        return isText
    }
}
