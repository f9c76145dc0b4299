/// What ``LocalServer`` is asked: the first line of a request. Header fields change nothing here.
struct LocalRequest: Equatable, Sendable {
    static let maximumHeadBytes = 4096

    /// Starts with `/`; without the query.
    let path: String
    /// `HEAD`, else `GET`.
    let isHead: Bool

    /// How far a request has come in.
    enum Progress: Equatable {
        /// Its head has not ended.
        case partial
        case request(LocalRequest)
        /// It is answered with this status, without asking anybody.
        case refused(Int)
    }

    /// Reads a head (RFC 9112, 2 and 3). A lone line feed ends a line, too.
    static func parse(_ bytes: [UInt8]) -> Progress {
        // Neither TLS nor anything else that is no text is waited for.
        let isText = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard isText else { return .refused(400) }
        guard let end = headEnd(bytes), end <= maximumHeadBytes else {
            return bytes.count >= maximumHeadBytes ? .refused(431) : .partial
        }
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, isVersion(words[2]), !words[0].isEmpty, words[0].allSatisfy(isTokenByte),
            words[1].first == UInt8(ascii: "/")
        else { return .refused(400) }
        let isHead = words[0].elementsEqual("HEAD".utf8)
        guard isHead || words[0].elementsEqual("GET".utf8) else { return .refused(405) }
        let path = words[1].prefix { $0 != UInt8(ascii: "?") }
        return .request(LocalRequest(path: String(decoding: path, as: UTF8.self), isHead: isHead))
    }

    /// How many bytes there are up to the empty line and with it.
    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        var isLineEmpty = false
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A {
                if isLineEmpty { return index + 1 }
                isLineEmpty = true
            } else if byte != 0x0D {
                isLineEmpty = false
            }
        }
        return nil
    }

    private static func isVersion(_ word: ArraySlice<UInt8>) -> Bool {
        word.elementsEqual("HTTP/1.1".utf8) || word.elementsEqual("HTTP/1.0".utf8)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || byte == UInt8(ascii: "-")
    }
}
