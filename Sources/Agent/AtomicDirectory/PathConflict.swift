public import SecretSpec

/// Two files of one set that cannot both exist: the same path twice, or a path that is a file for one and a directory for
/// the other.
public struct PathConflict: Error, Equatable, Sendable, CustomStringConvertible {
    /// The shorter one: the path that is wanted as a file.
    public let file: RelativePath
    /// The same path, or one beneath it.
    public let other: RelativePath

    /// What collides, without a remedy: who knows where the paths come from adds it.
    public var description: String {
        file.text.utf8.elementsEqual(other.text.utf8)
            ? "two secrets are to become the file '\(file)'"
            : "'\(file)' is to be a file, but a directory for '\(other)'"
    }

    /// Puts paths in the order in which they are written, a directory's files together; throws the first conflict.
    static func order<Element>(
        _ elements: [Element], by path: (Element) -> RelativePath
    ) throws(PathConflict) -> [Element] {
        let sorted = elements.sorted { left, right in
            path(left).components.lexicographicallyPrecedes(path(right).components) { precedes($0, $1) }
        }
        // Component-wise order puts a path right before what lies beneath it, so neighbours tell everything.
        for (left, right) in zip(sorted, sorted.dropFirst())
        where path(right).components.starts(with: path(left).components, by: { $0.utf8.elementsEqual($1.utf8) }) {
            throw PathConflict(file: path(left), other: path(right))
        }
        return sorted
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
