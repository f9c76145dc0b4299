/// Writes the few DER elements (X.690) that a public key is made of.
enum DERWriter {
    static let null: [UInt8] = [0x05, 0x00]

    static func sequence(_ elements: [[UInt8]]) -> [UInt8] {
        element(0x30, Array(elements.joined()))
    }

    static func bitString(_ bytes: [UInt8]) -> [UInt8] {
        element(0x03, [0x00] + bytes)
    }

    /// A number that is not negative, from its bytes with the highest first.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        let needsZero = digits.first.map { $0 >= 0x80 } ?? true
        return element(0x02, needsZero ? [0x00] + digits : digits)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
