internal import SecretSpec

extension SecretBuffer {
    /// Appends a secret as a template's filter writes it.
    func append(_ content: SecretContent, through filter: Template.Filter?) throws(VaultError) {
        switch (content, filter) {
        case (.whole(let bytes), nil): bytes.withUnsafeBytes { append($0) }
        case (.whole(let bytes), let filter?): try append(bytes, through: filter)
        case (.members(let members), .dotenv):
            for (index, member) in members.enumerated() {
                try appendDotenvLine(member.name, member.bytes, noun: "member \(index + 1)")
            }
        case (.members(let members), .properties):
            for (index, member) in members.enumerated() {
                try appendProperty(member.name, member.bytes, noun: "member \(index + 1)")
            }
        case (.members, _):
            throw VaultError(.field, "all keys of a secret need the filter dotenv or properties, or name one key")
        }
    }

    private func append(_ value: SecretBytes, through filter: Template.Filter) throws(VaultError) {
        let isWritten =
            switch filter {
            case .json: value.withUnsafeBytes { appendJSONString($0) }
            case .yaml: value.withUnsafeBytes { appendYAMLScalar($0) }
            case .sh: value.withUnsafeBytes { appendShellWord($0) }
            case .url: value.withUnsafeBytes { appendPercentEncoded($0) }
            case .base64: value.withUnsafeBytes { appendBase64($0) }
            case .dotenv, .properties:
                throw VaultError(
                    .field, "the filter \(filter.rawValue) writes all keys of a JSON secret; end the reference in '#*'")
            }
        guard isWritten else {
            let wanted = filter == .sh ? "holds a NUL byte, which no word of a shell can" : "is not UTF-8 text"
            throw VaultError(
                .content, "the value \(wanted), so the filter \(filter.rawValue) cannot write it; use the filter base64"
            )
        }
    }

    /// Appends UTF-8 text between double quotes with the escapes that JSON and YAML share; false where it is no UTF-8.
    /// - Parameter other: appends every other character.
    func appendQuoted(_ text: UnsafeRawBufferPointer, _ other: (Unicode.Scalar) -> Void) -> Bool {
        append(UInt8(ascii: "\""))
        let isText = Self.forEachScalar(of: text) { scalar in
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            default: other(scalar)
            }
        }
        append(UInt8(ascii: "\""))
        return isText
    }

    /// Calls with each character of UTF-8 text; false, after some calls perhaps, where the bytes are none.
    static func forEachScalar(of text: UnsafeRawBufferPointer, _ body: (Unicode.Scalar) -> Void) -> Bool {
        var bytes = text.makeIterator()
        var decoder = UTF8()
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue(let scalar): body(scalar)
            case .emptyInput: return true
            case .error: return false
            }
        }
    }

    /// Appends the last `digits` hexadecimal digits of a number.
    func appendHexadecimal(_ value: UInt32, digits: Int, uppercase: Bool = false) {
        let letter = UInt8(ascii: uppercase ? "A" : "a")
        for place in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(place)) & 0xF
            append(digit < 10 ? UInt8(ascii: "0") + digit : letter + digit - 10)
        }
    }

    func append(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
    }
}
