/// The textual encoding of RFC 7468.
enum PEM {
    struct Block: Equatable {
        let label: String
        let bytes: [UInt8]
    }

    static func encode(_ label: String, _ bytes: [UInt8]) -> String {
        var text = "-----BEGIN \(label)-----\n"
        var rest = Substring(Base64.encode(bytes))
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return text + "-----END \(label)-----\n"
    }

    /// All blocks in their order; text between them is skipped, a broken block makes it nil.
    static func decode(_ text: String) -> [Block]? {
        var blocks: [Block] = []
        var label: String?
        var body: [UInt8] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("-----BEGIN "), let end = line.dropFirst(11).range(of: "-----") {
                guard label == nil else { return nil }
                label = String(line.dropFirst(11)[..<end.lowerBound])
                body = []
            } else if line.hasPrefix("-----END ") {
                guard let name = label, line.hasPrefix("-----END \(name)-----"), let bytes = Base64.decode(body) else {
                    return nil
                }
                blocks.append(Block(label: name, bytes: bytes))
                label = nil
            } else if label != nil {
                body += line.utf8
            }
        }
        return label == nil ? blocks : nil
    }
}

extension Substring {
    /// Foundation's method of the same name, for a fixed text.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
