extension SecretBuffer {
    /// Appends bytes as one word of a POSIX shell (XCU 2.2.2, single quotes); false where they hold a NUL, which no
    /// shell can.
    func appendShellWord(_ bytes: UnsafeRawBufferPointer) -> Bool {
        append(UInt8(ascii: "'"))
        for byte in bytes {
            if byte == UInt8(ascii: "'") { append("'\\''") } else { append(byte) }
        }
        append(UInt8(ascii: "'"))
        return !bytes.contains(0)
    }

    /// Appends a `NAME=value` line that a POSIX shell and python-dotenv read alike.
    ///
    /// Between single quotes stands what all readers of such files take as it is. A single quote, and the two
    /// backslashes that python-dotenv takes for one there, stand between double quotes, where both know `\"` and `\\`.
    /// There only the shell knows how to write `$` and a backtick. Between any quotes python-dotenv puts variables in
    /// for `${...}`, takes CR LF for LF, and a backslash at the end for one that escapes the quote. What one of the two
    /// would read otherwise is refused rather than written.
    func appendDotenvLine(_ name: String, _ value: SecretBytes, noun: String) throws(VaultError) {
        guard Self.isIdentifier(name) else {
            throw VaultError(
                .field,
                "the name of \(noun) cannot be a variable's (letters, digits and '_', no digit first), so the filter "
                    + "dotenv cannot write it; rename it, or name single keys instead of '#*'")
        }
        append(name)
        append(UInt8(ascii: "="))
        let isWritten = value.withUnsafeBytes { bytes in
            guard let quote = Self.dotenvQuote(bytes) else { return false }
            append(quote)
            for byte in bytes {
                if quote == UInt8(ascii: "\""), byte == quote || byte == UInt8(ascii: "\\") {
                    append(UInt8(ascii: "\\"))
                }
                append(byte)
            }
            append(quote)
            return true
        }
        guard isWritten else {
            throw VaultError(
                .content,
                "the value of \(noun) cannot be written so that sh and python-dotenv both read it: it is no UTF-8 "
                    + "text, holds '${', a NUL, a carriage return, or a quote or two backslashes beside '$' or a "
                    + "backtick, or ends in a backslash; name single keys with the filter sh or base64 instead of '#*'")
        }
        append(UInt8(ascii: "\n"))
    }

    /// The quotes that carry a value; nil where none do.
    private static func dotenvQuote(_ value: UnsafeRawBufferPointer) -> UInt8? {
        var (needsDouble, needsSingle, isRefused) = (false, false, false)
        var previous: Unicode.Scalar = "\n"
        let isText = forEachScalar(of: value) { scalar in
            switch (previous, scalar) {
            case (_, "\0"), (_, "\r"), ("$", "{"): isRefused = true
            case (_, "'"), ("\\", "\\"): needsDouble = true
            case (_, "$"), (_, "`"): needsSingle = true
            default: break
            }
            previous = scalar
        }
        guard isText, !isRefused, previous != "\\", !(needsDouble && needsSingle) else { return nil }
        return UInt8(ascii: needsDouble ? "\"" : "'")
    }

    private static func isIdentifier(_ name: String) -> Bool {
        let isDigit = { (byte: UInt8) in UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy {
            isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || $0 == UInt8(ascii: "_")
        }
    }
}
