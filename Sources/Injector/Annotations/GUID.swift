/// A client or tenant id of Microsoft Entra ID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
struct GUID: Sendable, Hashable {
    /// In lower case.
    let text: String

    static let accepted = "a GUID such as 00000000-0000-0000-0000-000000000000"

    private static let hyphens = [8, 13, 18, 23]

    init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-"):
                guard Self.hyphens.contains(index) else { return nil }
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                guard !Self.hyphens.contains(index) else { return nil }
            default:
                return nil
            }
        }
        self.text = text.lowercased()
    }
}
