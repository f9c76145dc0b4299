/// A container's `command` with `latchkey-exec` before it.
public enum ExecCommand {
    /// The wrapped command. `args` stay as they are.
    /// - Parameters:
    ///   - command: the original `command`, as in the pod: not empty. What comes from an image's configuration, which
    ///     Kubernetes would not expand, goes through ``unexpanded(_:)`` first.
    ///   - directory: where the container's part of the volume is mounted in it.
    ///   - executable: where `latchkey-exec` is in the container.
    public static func wrapping(_ command: [String], environment directory: String, executable: String) -> [String] {
        [executable, "\(ExecWords.run)", "\(directory)/\(EnvironmentLayout.file)", "\(ExecWords.end)"] + command
    }

    /// A text that Kubernetes' expansion of `$(NAME)` turns into the given one: every `$` is doubled.
    public static func unexpanded(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "$" { result.append("$") }
            result.append(scalar)
        }
        return String(result)
    }
}
