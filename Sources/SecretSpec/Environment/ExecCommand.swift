/// A container's `command` and `args` with `latchkey-exec` before them.
///
/// Kubernetes expands `$(NAME)` in both with the variables that it knows, and knows no secret. So every reference to a
/// variable that the environment file may hold is cut out of its word, and `latchkey-exec` puts the word together
/// again: with the file's value, or where the file has no such variable with what Kubernetes made of the reference (see
/// ``ExecWords``). Nothing is expanded twice: a value that holds `$(...)` or `$$` is never read again, whoever put it
/// in.
///
/// A word `a$$b$(DB)c` whose `DB` may be ours becomes the arguments `a$$b`, `DB`, `$(DB)` and `c`.
public struct ExecCommand: Equatable, Sendable {
    /// The pod's `command`: the wrapper, then the original command.
    public let command: [String]
    /// The pod's `args`: the original where no word of it had to be cut.
    public let arguments: [String]

    /// - Parameters:
    ///   - executable: where `latchkey-exec` is in the container.
    ///   - environmentFile: where the container's environment file is.
    ///   - command: the original `command`, as in the pod: not empty. What comes from an image's configuration, which
    ///     Kubernetes would not expand, goes through ``VariableExpansion/escaped(_:)`` first.
    ///   - arguments: the original `args`.
    ///   - mayBeInFile: whether the environment file may hold a variable of this name.
    public init(
        executable: String, environmentFile: String, command: [String], arguments: [String],
        mayBeInFile: (_ name: String) -> Bool
    ) {
        let cutCommand = command.map { Self.pieces(of: $0, mayBeInFile) }
        let cutArguments = arguments.map { Self.pieces(of: $0, mayBeInFile) }
        var start = [VariableExpansion.escaped(executable), "\(ExecWords.run)"]
        let counts = (cutCommand + cutArguments).map(\.count)
        if let last = counts.lastIndex(where: { $0 > 1 }) {
            start.append("\(ExecWords.join)" + counts[...last].map(String.init).joined(separator: ","))
        }
        start += [VariableExpansion.escaped(environmentFile), "\(ExecWords.end)"]
        self.command = start + cutCommand.joined()
        self.arguments = Array(cutArguments.joined())
    }

    /// A word, or text and for each reference its name, itself and text.
    private static func pieces(of word: String, _ mayBeInFile: (String) -> Bool) -> [String] {
        let bytes = Array(word.utf8)
        var pieces: [String] = []
        var start = 0
        for token in ExpansionToken.tokens(of: bytes) {
            guard case .reference(let nameRange) = token.kind, !nameRange.isEmpty else { continue }
            let name = String(decoding: bytes[nameRange], as: UTF8.self)
            guard mayBeInFile(name) else { continue }
            pieces.append(String(decoding: bytes[start..<token.range.lowerBound], as: UTF8.self))
            pieces.append(VariableExpansion.escaped(name))
            pieces.append(String(decoding: bytes[token.range], as: UTF8.self))
            start = token.range.upperBound
        }
        guard !pieces.isEmpty else { return [word] }
        return pieces + [String(decoding: bytes[start...], as: UTF8.self)]
    }
}
