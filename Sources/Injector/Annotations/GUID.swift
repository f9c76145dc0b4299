/// A client or tenant id of Microsoft Entra ID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
struct GUID: Sendable, Hashable {
    /// In lower case.
    let text: String

    static let accepted = "a GUID such as 00000000-0000-0000-0000-000000000000"

    init?(_ text: String) {
        let isGUID = text.utf8.withContiguousStorageIfAvailable(Self.isGUID) ?? Self.isGUID(Array(text.utf8))
        guard isGUID else { return nil }
        self.text = text.asciiLowercased
    }

    private static func isGUID(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
        guard bytes.count == 36 else { return false }
        var index = 0
        for byte in bytes {
            let isHyphenPlace = index == 8 || index == 13 || index == 18 || index == 23
            index += 1
            switch byte {
            case UInt8(ascii: "-"):
                guard isHyphenPlace else { return false }
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                guard !isHyphenPlace else { return false }
            default:
                return false
            }
        }
        return true
    }
}

extension String {
    /// `lowercased()`; a text of ASCII without capitals is given back as it is.
    var asciiLowercased: String {
        let isLower = utf8.withContiguousStorageIfAvailable { bytes in
            bytes.allSatisfy { $0 < 0x80 && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0) }
        }
        return isLower == true ? self : lowercased()
    }
}
