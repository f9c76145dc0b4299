/// The status line and headers of an answer as they come in, line by line.
struct ResponseHead {
    private static let maximumBytes = 64 << 10

    private(set) var status = 0
    private(set) var fields: [(name: String, value: String)] = []
    private var size = 0

    /// Takes one line; false where the head is longer than is taken.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        guard size <= Self.maximumBytes else { return false }
        let text = line.prefix { $0 != 0x0D && $0 != 0x0A }
        if text.starts(with: "HTTP/".utf8) {
            // A new head: the one before was an interim answer (1xx) or a proxy's.
            status = Self.status(text)
            fields = []
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: text[..<colon], as: UTF8.self)
            let value = text[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            fields.append((name, String(decoding: value, as: UTF8.self)))
        }
        return true
    }

    /// The first value of a header.
    func value(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name }?.value
    }

    private static func status(_ line: Slice<UnsafeRawBufferPointer>) -> Int {
        let digits = line.drop { $0 != 0x20 }.dropFirst().prefix { $0 != 0x20 }
        guard digits.count == 3 else { return 0 }
        return digits.reduce(0) { value, byte in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte ? value * 10 + Int(byte - UInt8(ascii: "0")) : 0
        }
    }
}
