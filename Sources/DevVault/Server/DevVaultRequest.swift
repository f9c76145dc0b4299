import JSON

/// A request, taken apart.
struct DevVaultRequest: Sendable {
    let method: String
    /// Percent-decoded segments of the path; empty ones are left out.
    let path: [String]
    let query: [(name: String, value: String)]
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// Nil where the target is no path of this server: a broken escape, text that is no UTF-8.
    init?(method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.headers = headers
        self.body = body
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.hasPrefix("/") else { return nil }
        var path: [String] = []
        for segment in first.split(separator: "/") {
            guard let text = Self.decode(segment, plusIsSpace: false) else { return nil }
            path.append(text)
        }
        self.path = path
        guard let query = Self.form(parts.count > 1 ? parts[1] : "") else { return nil }
        self.query = query
    }

    /// `application/x-www-form-urlencoded`; nil for a broken escape.
    static func form(_ text: some StringProtocol) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.first.flatMap({ decode($0, plusIsSpace: true) }),
                let value = sides.count > 1 ? decode(sides[1], plusIsSpace: true) : ""
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }

    private static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var output: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace: output.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = bytes.next().flatMap(nibble), let low = bytes.next().flatMap(nibble) else {
                    return nil
                }
                output.append(high << 4 | low)
            default: output.append(byte)
            }
        }
        return String(validating: output, as: UTF8.self)
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The authority that the client used; only characters of an authority.
    var host: String {
        let text = header("host") ?? ""
        let isGood = text.utf8.allSatisfy { byte in
            (0x30...0x3A).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-.[]_".utf8.contains(byte)
        }
        return isGood && !text.isEmpty ? text : "localhost"
    }

    /// The path as it is noted in records.
    var pathText: String { "/" + path.joined(separator: "/") }
}
