/// RFC 4648, section 4.
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// How long the encoded bytes are.
    static func count(of bytes: [UInt8]) -> Int { (bytes.count + 2) / 3 * 4 }

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count(of: bytes)) { output, count in
            // In bounds: `digit` takes 6 bits, and the alphabet has 64 letters.
            let letters = alphabet.utf8Start
            func digit(_ group: UInt32, _ shift: UInt32) -> UInt8 { letters[Int(group >> shift & 0x3F)] }
            // In bounds: each 3 bytes, and the 1 or 2 at the end, write 4, and `count(of:)` counts them so.
            func write(_ group: UInt32, at place: Int) {
                output[place] = digit(group, 18)
                output[place + 1] = digit(group, 12)
                output[place + 2] = digit(group, 6)
                output[place + 3] = digit(group, 0)
            }
            var place = 0
            bytes.withUnsafeBufferPointer { bytes in
                var index = 0
                while bytes.count - index >= 3 {
                    write(
                        UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]),
                        at: place)
                    index += 3
                    place += 4
                }
                let left = bytes.count - index
                guard left > 0 else { return }
                write(UInt32(bytes[index]) << 16 | (left == 2 ? UInt32(bytes[index + 1]) << 8 : 0), at: place)
                place += 4
                output[place - 1] = UInt8(ascii: "=")
                if left == 1 { output[place - 2] = UInt8(ascii: "=") }
            }
            count = place
        }
    }
}
