/// An image as a container names it, in the spelling that the kubelet gives it before it pulls.
///
/// The grammar is that of github.com/distribution/reference: `[host[:port]/]path[:tag][@digest]`. A name without a host
/// is Docker Hub's, one without a path before it lies in `library/`, no tag and no digest means `latest`.
public struct ImageReference: Sendable, Hashable {
    /// The registry as references name it, in lower case: `docker.io`, `registry.example:5000`.
    public let host: String
    /// The path below it: `library/busybox`.
    public let repository: String
    /// Nil where the reference has a digest, which is what counts then.
    public let tag: String?
    /// The manifest's digest.
    public let digest: ContentDigest?

    /// Docker Hub's name in references.
    static let dockerHub = "docker.io"
    /// Longest text that is looked at: host, path, tag and digest at their limits.
    private static let maximumLength = 1024
    private static let maximumRepositoryLength = 255
    private static let maximumTagLength = 128

    /// Parses a container's `image`.
    public init(parsing text: String) throws(ImageReferenceProblem) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong }
        // ASCII from here on: a character is a byte, and equal texts have equal bytes.
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw .illegalCharacter }
        var rest = Substring(text)
        // That many digits are an image's id on one node, and no name.
        guard !ContentDigest.isHexadecimal(rest, count: 64) else { throw .identifier }

        var digest: ContentDigest?
        if let at = rest.firstIndex(of: "@") {
            guard let parsed = ContentDigest(rest[rest.index(after: at)...]) else { throw .digest }
            digest = parsed
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            tag = String(rest[rest.index(after: colon)...])
            guard Self.isTag(tag ?? "") else { throw .tag }
            rest = rest[..<colon]
        }
        let (host, path) = Self.split(rest)
        guard RegistryHost.isHost(host) else { throw .host }
        guard path.utf8.count <= Self.maximumRepositoryLength, Self.isPath(path) else { throw .repository }
        self.host = host
        repository = path
        self.digest = digest
        self.tag = digest == nil ? tag ?? "latest" : nil
    }

    /// `host/path`, what the keys of pull secrets are compared with.
    var name: String { "\(host)/\(repository)" }

    /// What stands for it in the registry's URLs.
    var manifestName: String { digest?.description ?? tag ?? "latest" }

    private static func split(_ name: Substring) -> (host: String, path: String) {
        let slash = name.firstIndex(of: "/")
        let first = name[..<(slash ?? name.startIndex)]
        let isHost = first.contains(".") || first.contains(":") || first == "localhost" || first != first.lowercased()
        guard let slash, isHost else { return (dockerHub, slash == nil ? "library/\(name)" : String(name)) }
        let host = first.lowercased()
        let path = String(name[name.index(after: slash)...])
        guard host == dockerHub || host == "index.docker.io" else { return (host, path) }
        return (dockerHub, path.contains("/") ? path : "library/\(path)")
    }

    private static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= maximumTagLength else { return false }
        return isWord(first)
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func isPath(_ path: String) -> Bool {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isComponent)
    }

    /// Lower case letters and digits, between them one `.`, one or two `_`, or any number of `-`.
    private static func isComponent(_ component: Substring.UTF8View.SubSequence) -> Bool {
        var separator: [UInt8] = []
        guard let first = component.first, isAlphanumeric(first) else { return false }
        for byte in component {
            if isAlphanumeric(byte) {
                separator = []
                continue
            }
            separator.append(byte)
            let isDashes = separator.allSatisfy { $0 == UInt8(ascii: "-") }
            guard isDashes || [[UInt8(ascii: ".")], [0x5F], [0x5F, 0x5F]].contains(separator) else { return false }
        }
        return separator.isEmpty
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || byte == UInt8(ascii: "_")
    }
}

extension ImageReference: CustomStringConvertible {
    /// The whole reference as the kubelet writes it.
    public var description: String { digest.map { "\(name)@\($0)" } ?? "\(name):\(manifestName)" }
}
