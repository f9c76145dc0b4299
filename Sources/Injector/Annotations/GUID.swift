/// A client or tenant id of Microsoft Entra ID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
struct GUID: Sendable, Hashable {
    /// In lower case.
    let text: String

    static let accepted = "a GUID such as 00000000-0000-0000-0000-000000000000"

    init?(_ text: String) {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isHex: (UInt8) -> Bool = {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20
        }
        guard groups.map(\.count) == [8, 4, 4, 4, 12], groups.allSatisfy({ $0.allSatisfy(isHex) }) else { return nil }
        self.text = text.lowercased()
    }
}
