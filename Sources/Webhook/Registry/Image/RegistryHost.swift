import VaultClient

/// The grammar of registries' hosts, and of the patterns that are compared with them.
enum RegistryHost {
    /// Whether a text is `host[:port]` in the one spelling that a URL of ours may hold.
    static func isHost(_ text: String) -> Bool {
        (try? Origin(url: "https://\(text)/")) != nil && !text.utf8.contains(where: { $0 == 0x2F || $0 == 0x3F })
    }

    /// A registry's host as an operator may write it, in the spelling of ``ImageReference/host``; nil where it is none.
    static func registry(_ text: String) -> String? {
        let host = text.lowercased()
        guard isHost(host) else { return nil }
        return ["index.docker.io", "registry-1.docker.io"].contains(host) ? ImageReference.dockerHub : host
    }

    /// A pattern for ``matches(_:_:)`` in lower case; nil where it can match no host. The last two labels must be without
    /// `*` and `?`: nobody means all hosts of a top level domain.
    static func pattern(_ text: String) -> String? {
        let pattern = text.lowercased()
        let name = split(pattern).0
        let isFixed = name.split(separator: ".").suffix(2).allSatisfy { !$0.contains("*") && !$0.contains("?") }
        let sample = pattern.replacing("*", with: "x").replacing("?", with: "x")
        return isFixed && isHost(sample) ? pattern : nil
    }

    /// Whether a host with or without a port matches a pattern as the kubelet compares keys of pull secrets: label by
    /// label, `*` for any letters of one label, `?` for one; the port must be the same.
    static func matches(_ host: String, _ pattern: String) -> Bool {
        let (host, hostPort) = split(host)
        let (pattern, patternPort) = split(pattern)
        guard hostPort == patternPort else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let globs = pattern.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count == globs.count && zip(labels, globs).allSatisfy { isMatch(Array($0.utf8), Array($1.utf8)) }
    }

    private static func split(_ text: String) -> (Substring, Substring?) {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return (text.lowercased()[...], nil) }
        return (text[..<colon].lowercased()[...], text[text.index(after: colon)...])
    }

    /// Goes back to the last `*` alone, so the cost is at most the product of the lengths.
    private static func isMatch(_ text: [UInt8], _ glob: [UInt8]) -> Bool {
        var (position, place) = (0, 0)
        var retry: (position: Int, place: Int)?
        while position < text.count {
            if place < glob.count, glob[place] == UInt8(ascii: "*") {
                place += 1
                retry = (position, place)
            } else if place < glob.count, glob[place] == UInt8(ascii: "?") || glob[place] == text[position] {
                position += 1
                place += 1
            } else if let last = retry {
                position = last.position + 1
                place = last.place
                retry = (position, place)
            } else {
                return false
            }
        }
        return glob[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
