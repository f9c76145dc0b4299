/// An absolute path at which a volume can be mounted into a container.
public struct MountPath: Sendable, Hashable {
    /// Without a slash at the end.
    public let text: String

    /// What is accepted, for messages.
    public static let accepted =
        "an absolute path of at most 512 bytes, not '/', without '.', '..', ':' or control characters, "
        + "and not in /proc, /sys or /dev"

    /// Nil where a text is no such path.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= 512,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ":") })
        else { return nil }
        var components = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if components.count > 1, components.last == "" { components.removeLast() }
        guard components.allSatisfy({ !["", ".", ".."].contains($0) }), let first = components.first,
            !["proc", "sys", "dev"].contains(first)
        else { return nil }
        self.text = "/" + components.joined(separator: "/")
    }

    /// Whether this path is the other or lies inside it.
    func isInside(_ other: String) -> Bool {
        text == other || text.utf8.starts(with: (other.utf8.last == UInt8(ascii: "/") ? other : other + "/").utf8)
    }
}
