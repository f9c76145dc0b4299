/// Walks over DER elements (X.690) without understanding them. Every read is behind a comparison with the length.
struct DERReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    /// The content of the next element if it has this tag; the reader then stands behind it.
    mutating func read(tag: UInt8) -> DERReader? {
        guard let (header, length) = next(tag) else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: rest[header..<header + length])
        rest = UnsafeRawBufferPointer(rebasing: rest[(header + length)...])
        return DERReader(content)
    }

    /// The next element with its tag and length if it has this tag; the reader then stands behind it.
    mutating func readWhole(tag: UInt8) -> UnsafeRawBufferPointer? {
        guard let (header, length) = next(tag) else { return nil }
        let element = UnsafeRawBufferPointer(rebasing: rest[..<(header + length)])
        rest = UnsafeRawBufferPointer(rebasing: rest[(header + length)...])
        return element
    }

    /// The sizes of the next element's header and content, both within what is left.
    private func next(_ tag: UInt8) -> (header: Int, length: Int)? {
        guard rest.count >= 2, rest[0] == tag else { return nil }
        var header = 2
        var length = Int(rest[1])
        if length >= 0x80 {
            let digits = length & 0x7F
            guard 1...4 ~= digits, rest.count >= 2 + digits else { return nil }
            length = rest[2..<2 + digits].reduce(0) { $0 << 8 | Int($1) }
            header += digits
        }
        guard length <= rest.count - header else { return nil }
        return (header, length)
    }
}
