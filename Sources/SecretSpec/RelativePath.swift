/// A path that stays beneath the directory it is resolved in: no empty, `.` or `..` component, no control character.
public struct RelativePath: Sendable, Hashable {
    /// The components; at least one.
    public let components: [String]

    /// The components joined with `/`.
    public var text: String { components.joined(separator: "/") }

    /// What is accepted, for messages.
    public static let accepted =
        "a relative path of components separated by '/', without '.', '..', control characters or '\\', "
        + "none beginning with '..', each at most 255 and all at most 1024 bytes"

    /// Nil where a text is no such path.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= 1024, parts.allSatisfy(Self.isComponent) else { return nil }
        components = parts
    }

    /// Nil where the name is no single component.
    public func appending(_ name: String) -> RelativePath? {
        Self.isComponent(name) ? RelativePath("\(text)/\(name)") : nil
    }

    /// `..data` and `..<generation>` are the agent's own, as in the kubelet's volumes; so is everything like them.
    private static func isComponent(_ text: String) -> Bool {
        1...255 ~= text.utf8.count && text != "." && !text.utf8.starts(with: "..".utf8)
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }
}

extension RelativePath: CustomStringConvertible {
    public var description: String { text }
}
