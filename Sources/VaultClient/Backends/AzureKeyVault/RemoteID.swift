/// An id that a service gives a request, taken into messages only where it has the form of a GUID: whatever else a
/// server sends is its own text and might repeat what it was sent.
struct RemoteID: Sendable, Equatable, CustomStringConvertible {
    let description: String

    init?(_ text: String?) {
        guard let text, text.utf8.count == 36 else { return nil }
        for (index, byte) in text.utf8.enumerated() {
            let isHex =
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
            let isDash = byte == UInt8(ascii: "-")
            guard [8, 13, 18, 23].contains(index) ? isDash : isHex else { return nil }
        }
        description = text.lowercased()
    }
}
