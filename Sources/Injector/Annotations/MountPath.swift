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
        // By bytes: to a `Character` a slash with a combining accent is no slash.
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= 512,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ":") })
        else { return nil }
        var components = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if components.count > 1, components.last?.isEmpty ?? false { components.removeLast() }
        let names = components.map { String(Substring($0)) }
        guard names.allSatisfy({ !["", ".", ".."].contains($0) }), let first = names.first,
            !["proc", "sys", "dev"].contains(first)
        else { return nil }
        self.text = "/" + names.joined(separator: "/")
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
    ///
    /// In most images `/var/run` is a link to `/run`, so the two are taken for one.
    func relation(to other: String) -> Relation? {
        var (ours, others) = (Self.components(text), Self.components(other))
        while let first = ours.first, let second = others.first {
            guard first.elementsEqual(second) else { return nil }
            ours.removeFirst()
            others.removeFirst()
        }
        if ours.isEmpty { return others.isEmpty ? .same : .outside }
        return .inside
    }

    private static func components(_ text: String) -> ArraySlice<Substring.UTF8View> {
        let parts = Substring(text).utf8.split(separator: UInt8(ascii: "/"))
        let components =
            parts.contains { $0.elementsEqual(".".utf8) } ? parts.filter { !$0.elementsEqual(".".utf8) } : parts
        let isBelowVarRun =
            components.count > 1 && components[0].elementsEqual("var".utf8) && components[1].elementsEqual("run".utf8)
        return isBelowVarRun ? components.dropFirst() : components[...]
    }
}
