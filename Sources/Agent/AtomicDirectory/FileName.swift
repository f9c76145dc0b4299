/// The name of one directory entry, byte for byte. (A `String` compares by canonical equivalence, the kernel does not.)
struct FileName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Without the terminating zero.
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
    init(bytes: [UInt8]) { self.bytes = bytes }
    init(stringLiteral text: String) { self.init(text) }

    /// For messages: one line, whatever the bytes.
    var description: String { String(decoding: bytes, as: UTF8.self) }

    /// `..data`, generations and temporary links: no path of a plan begins like this.
    var isReserved: Bool { bytes.starts(with: "..".utf8) && bytes.count > 2 }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBytes { buffer in
            // An array's storage is never empty here, so the base address exists; "" would be refused by the kernel.
            guard let base = buffer.baseAddress else { return "".withCString(body) }
            return body(base.assumingMemoryBound(to: CChar.self))
        }
    }
}
