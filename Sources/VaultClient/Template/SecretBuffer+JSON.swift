extension SecretBuffer {
    /// Appends UTF-8 text as a JSON string with its quotes (RFC 8259, section 7); false where it is no UTF-8.
    func appendJSONString(_ text: UnsafeRawBufferPointer) -> Bool {
        appendQuoted(text) { scalar in
            switch scalar {
            case "\u{0}"..."\u{1F}":
                append("\\u")
                appendHexadecimal(scalar.value, digits: 4)
            default: append(scalar)
            }
        }
    }
}
