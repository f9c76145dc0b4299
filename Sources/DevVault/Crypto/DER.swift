/// The few elements of DER (X.690) that turn JSON Web Keys into what OpenSSL reads.
enum DER {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        if content.count < 0x80 {
            length = [UInt8(content.count)]
        } else {
            var rest = content.count
            while rest > 0 {
                length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
                rest >>= 8
            }
            length.insert(0x80 | UInt8(length.count), at: 0)
        }
        return [tag] + length + content
    }

    static func sequence(_ elements: [[UInt8]]) -> [UInt8] { element(0x30, Array(elements.joined())) }

    /// An INTEGER from an unsigned big-endian number.
    static func unsigned(_ number: [UInt8]) -> [UInt8] {
        var content = Array(number.drop { $0 == 0 })
        if (content.first ?? 0x80) & 0x80 != 0 { content.insert(0, at: 0) }
        return element(0x02, content)
    }

    static func bitString(_ content: [UInt8]) -> [UInt8] { element(0x03, [0] + content) }
    static func octetString(_ content: [UInt8]) -> [UInt8] { element(0x04, content) }
    static func objectIdentifier(_ content: [UInt8]) -> [UInt8] { element(0x06, content) }
    static let null: [UInt8] = [0x05, 0x00]
    static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
}
