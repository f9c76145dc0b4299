import JSON

/// A path that stays beneath the directory it is resolved in: no empty, `.` or `..` component, no control character.
public struct RelativePath: Sendable {
    /// The components; at least one.
    public let components: [String]

    /// The components joined with `/`.
    public var text: String { components.count == 1 ? components[0] : components.joined(separator: "/") }

    /// What is accepted, for messages.
    public static let accepted =
        "a relative path of components separated by '/', without '.', '..', control characters or '\\', "
        + "none beginning with '..', each at most 255 and all at most 1024 bytes"

    /// Nil where a text is no such path.
    public init?(_ text: String) {
        guard text.utf8.count <= 1024 else { return nil }
        // Bytes, not `Character`s: to those a '/' with a combining accent is no '/'.
        let slash = UInt8(ascii: "/")
        let parts =
            text.utf8.contains(slash)
            ? text.utf8.split(separator: slash, omittingEmptySubsequences: false).map { String(Substring($0)) }
            : [text]
        guard parts.allSatisfy(Self.isComponent) else { return nil }
        components = parts
    }

    /// Nil where the name is no single component.
    public func appending(_ name: String) -> RelativePath? {
        Self.isComponent(name) ? RelativePath("\(text)/\(name)") : nil
    }

    /// `..data` and `..<generation>` are the agent's own, as in the kubelet's volumes; so is everything like them.
    private static func isComponent(_ text: String) -> Bool {
        1...255 ~= text.utf8.count && !text.utf8.elementsEqual(".".utf8) && !text.utf8.starts(with: "..".utf8)
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }
}

/// Equality code point by code point, as the file system has it.
extension RelativePath: Hashable {
    /// Whether both are equal in that sense.
    public static func == (left: RelativePath, right: RelativePath) -> Bool {
        left.components.elementsEqual(right.components) { $0.isSameText(as: $1) }
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(components.map(ExactText.init))
    }
}

extension RelativePath: CustomStringConvertible {
    /// The components joined with `/`.
    public var description: String { text }
}
