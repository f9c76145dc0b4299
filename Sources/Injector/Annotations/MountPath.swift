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

    /// How this path lies to another.
    enum Relation {
        case same
        /// This path is beneath the other.
        case inside
        /// The other path is beneath this one.
        case outside
    }

    /// How this path lies to a container's `mountPath`; nil where neither holds the other.
    func relation(to other: String) -> Relation? {
        var (ours, others) = (text.utf8.makeIterator(), other.utf8.makeIterator())
        let slash = UInt8(ascii: "/")
        while true {
            switch (ours.next(), others.next()) {
            case (let a?, let b?):
                if a != b { return nil }
            case (nil, nil):
                return .same
            case (nil, let b?):
                guard b == slash else { return nil }
                // Slashes at the end say nothing.
                while let next = others.next() {
                    if next != slash { return .outside }
                }
                return .same
            case (let a?, nil):
                return a == slash || other.utf8.last == slash ? .inside : nil
            }
        }
    }
}
