extension SecretBuffer {
    /// Appends UTF-8 text as a YAML double-quoted scalar on one line (YAML 1.2.2, section 7.3.1); false where it is no
    /// UTF-8.
    ///
    /// What a YAML stream may not hold as it is (section 5.1), and what some reader takes for a line's end or a
    /// byte-order mark, is escaped in the forms that YAML 1.1 has too.
    func appendYAMLScalar(_ text: UnsafeRawBufferPointer) -> Bool {
        appendQuoted(text) { scalar in
            switch scalar {
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{A0}":
                append("\\x")
                appendHexadecimal(scalar.value, digits: 2)
            case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                append("\\u")
                appendHexadecimal(scalar.value, digits: 4)
            default: append(scalar)
            }
        }
    }
}
