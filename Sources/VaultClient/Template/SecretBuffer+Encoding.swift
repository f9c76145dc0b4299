extension SecretBuffer {
    /// Appends bytes percent-encoded: all but RFC 3986's unreserved characters. Every byte can be written.
    func appendPercentEncoded(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes {
            if FormEncoding.isUnreserved(byte) {
                append(byte)
            } else {
                append(UInt8(ascii: "%"))
                appendHexadecimal(UInt32(byte), digits: 2, uppercase: true)
            }
        }
        return true
    }

    /// Appends bytes as padded base64 (RFC 4648, section 4). Every byte can be written.
    func appendBase64(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
            for index in 0..<4 {
                append(index > group.count ? UInt8(ascii: "=") : Self.base64Letter(bits >> UInt32(18 - index * 6)))
            }
        }
        return true
    }

    private static func base64Letter(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value & 0x3F)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
