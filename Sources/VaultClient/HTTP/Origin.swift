/// Where an `https:` URL leads to: a host in its one canonical spelling, and a port.
///
/// The parser is stricter than the URL standards, for what it accepts decides where credentials go: two programs that
/// read one URL differently must not be possible.
public struct Origin: Sendable, Hashable {
    /// A DNS name in lower case, a dotted IPv4 address, or an IPv6 address in brackets.
    public let host: String
    /// 1 to 65535.
    public let port: UInt16

    /// Whether ``host`` is an address and not a name.
    public var isAddress: Bool { Self.looksNumeric(host) }

    /// `https://host[:port]`.
    public var url: String { "https://\(authority)" }

    /// `host[:port]`, the port only where it is not 443.
    public var authority: String { port == 443 ? host : "\(host):\(port)" }

    /// The origin of a URL of printable ASCII that has scheme `https`, no user information and no fragment.
    public init(url: String) throws(OriginProblem) {
        self = try Origin(url: url, scheme: "https", port: 443)
    }

    /// The origin of an `https:` URL, or of an `http:` URL where that is allowed. An origin does not tell which one it
    /// was, so whoever allows it must know the scheme from elsewhere.
    package init(url: String, allowingPlainHTTP: Bool) throws(OriginProblem) {
        let isPlain = allowingPlainHTTP && url.prefix(7).lowercased() == "http://"
        self = try isPlain ? Origin(url: url, scheme: "http", port: 80) : Origin(url: url)
    }

    private init(url: String, scheme: String, port: UInt16) throws(OriginProblem) {
        guard url.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "\\") }) else { throw .malformed }
        let prefix = "\(scheme)://"
        guard url.utf8.count > prefix.utf8.count, url.prefix(prefix.count).lowercased() == prefix else {
            throw .notHTTPS
        }
        let rest = url.dropFirst(prefix.count)
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { throw .malformed }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.utf8.contains(UInt8(ascii: "@")) else { throw .userInformation }
        self = try Origin(authority: authority, defaultPort: port)
    }

    /// The origin of an authority `host[:port]`.
    init(authority: Substring, defaultPort: UInt16 = 443) throws(OriginProblem) {
        var name = authority
        var port = defaultPort
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.first != UInt8(ascii: "0"), digits.utf8.allSatisfy(Self.isDigit),
                let number = UInt16(digits)
            else { throw .malformed }
            port = number
            name = authority[..<colon]
        }
        let host = name.lowercased()
        guard Self.isName(host) || Self.isCanonicalIPv4(host) || Self.isIPv6(host) else { throw .malformed }
        self.host = host
        self.port = port
    }

    /// Whether this host lies below a DNS suffix, at a boundary between labels; never for addresses.
    func isBelow(_ suffix: Origin) -> Bool {
        port == suffix.port && !isAddress && host.utf8.count > suffix.host.utf8.count + 1
            && host.hasSuffix(".\(suffix.host)")
    }

    /// DNS names whose last label could be read as a number are addresses to some resolvers (`0x7f.1`, `10.5`).
    private static func looksNumeric(_ host: String) -> Bool {
        guard let last = host.split(separator: ".", omittingEmptySubsequences: false).last else { return true }
        return host.utf8.first == UInt8(ascii: "[") || last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x")
    }

    private static func isName(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.utf8.count <= 253 && !looksNumeric(host)
            && labels.allSatisfy { label in
                let bytes = label.utf8
                return 1...63 ~= bytes.count && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
                    && bytes.allSatisfy {
                        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || isDigit($0) || $0 == UInt8(ascii: "-")
                    }
            }
    }

    private static func isCanonicalIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy(isDigit) && UInt8(part).map { String($0) == part } ?? false
            }
    }

    private static func isIPv6(_ host: String) -> Bool {
        guard host.hasPrefix("["), host.hasSuffix("]") else { return false }
        let inner = host.dropFirst().dropLast().utf8
        return 2...45 ~= inner.count
            && inner.allSatisfy {
                isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 || $0 == UInt8(ascii: ":")
                    || $0 == UInt8(ascii: ".")
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}

extension Origin: CustomStringConvertible {
    public var description: String { authority }
}

/// Why a URL is not sent to.
public enum OriginProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed
    case notHTTPS
    case userInformation
    /// Nothing but the loopback may be asked in the clear.
    case notLoopback
    /// The URL is in order, and nobody configured its origin.
    case notConfigured(Origin)

    /// One sentence without the URL.
    public var description: String {
        switch self {
        case .malformed: "the URL is not of the form https://host[:port]/path"
        case .notHTTPS: "the URL is not an https:// URL"
        case .userInformation: "the URL holds user information before an '@'"
        case .notLoopback: "the URL is not of the form http://127.0.0.1:PORT/path"
        case .notConfigured(let origin): "the operator did not configure the origin \(origin)"
        }
    }
}
