extension SecretBuffer {
    /// Appends a `key=value` line as Java's `Properties.store` writes it
    /// (https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html): ASCII alone, so that a
    /// reader of ISO-8859-1 and one of UTF-8 read the same.
    func appendProperty(_ name: String, _ value: SecretBytes, noun: String) throws(VaultError) {
        for scalar in name.unicodeScalars { append(propertyCharacter: scalar, escapingSpace: true) }
        append(UInt8(ascii: "="))
        // Spaces before a value are skipped by the reader, later ones are its own.
        var isFirst = true
        let isText = value.withUnsafeBytes { bytes in
            Self.forEachScalar(of: bytes) { scalar in
                append(propertyCharacter: scalar, escapingSpace: isFirst)
                isFirst = false
            }
        }
        guard isText else {
            throw VaultError(
                .content,
                "the value of \(noun) is not UTF-8 text, so the filter properties cannot write it; name single keys "
                    + "with the filter base64 instead of '#*'")
        }
        append(UInt8(ascii: "\n"))
    }

    private func append(propertyCharacter scalar: Unicode.Scalar, escapingSpace: Bool) {
        switch scalar {
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case "\u{C}": append("\\f")
        case "\\", ":", "=", "#", "!":
            append(UInt8(ascii: "\\"))
            append(scalar)
        case " ":
            if escapingSpace { append(UInt8(ascii: "\\")) }
            append(UInt8(ascii: " "))
        case "!"..."~": append(scalar)
        default:
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                append("\\u")
                appendHexadecimal(UInt32(unit), digits: 4)
            }
        }
    }
}
