internal import Glibc

/// Finds the certificates of a PEM text without decoding what they hold.
enum PEMScanner {
    private static let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let end = Array("-----END CERTIFICATE-----".utf8)

    /// Calls `body` with the DER of each certificate; blocks that are not base64 are left out.
    static func forEachCertificate(in text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        let der = UnsafeMutableRawBufferPointer.allocate(byteCount: Base64.capacity(for: text.count), alignment: 1)
        defer { der.deallocate() }
        var start: Int?
        var line = 0
        while line < text.count {
            let lineEnd = end(ofLine: line, text)
            if text[line] == dash {
                let content = text[line..<lineEnd]
                if content.starts(with: begin) {
                    start = min(lineEnd + 1, text.count)
                } else if content.starts(with: end), let first = start {
                    let block = UnsafeRawBufferPointer(rebasing: text[first..<line])
                    if let count = Base64.decode(block, .standard, into: der) {
                        body(UnsafeRawBufferPointer(rebasing: der[..<count]))
                    }
                    start = nil
                }
            }
            line = lineEnd + 1
        }
    }

    private static let dash = UInt8(ascii: "-")

    private static func end(ofLine start: Int, _ text: UnsafeRawBufferPointer) -> Int {
        guard let base = text.baseAddress, let found = memchr(base + start, 0x0A, text.count - start) else {
            return text.count
        }
        return UnsafeRawPointer(found) - base
    }
}
