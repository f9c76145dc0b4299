/// Finds the certificates of a PEM text without decoding what they hold.
enum PEMScanner {
    private static let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let end = Array("-----END CERTIFICATE-----".utf8)

    /// Calls `body` with the DER of each certificate; blocks that are not base64 are left out.
    static func forEachCertificate(in text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var der: [UInt8] = []
        var start: Int?
        var line = 0
        while line < text.count {
            let lineEnd = text[line...].firstIndex(of: 0x0A) ?? text.count
            let content = text[line..<lineEnd]
            if content.starts(with: begin) {
                start = min(lineEnd + 1, text.count)
            } else if content.starts(with: end), let first = start {
                der.removeAll(keepingCapacity: true)
                let block = UnsafeRawBufferPointer(rebasing: text[first..<line])
                if Base64.decode(block, emit: { der.append($0) }) { der.withUnsafeBytes(body) }
                start = nil
            }
            line = lineEnd + 1
        }
    }
}
