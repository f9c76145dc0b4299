/// The file that holds one container's resolved variables, byte by byte. The agent writes it (``EnvironmentFile``),
/// `latchkey-exec` reads it; both are compiled with this source.
///
///     latchkey-environment 1 <entries> <bytes>\n
///     NAME=VALUE\0
///     NAME=VALUE\0
///     ...
///
/// - The first line is ASCII, its parts separated by one space; both numbers are decimal, without sign or leading
///   zeros.
/// - `<entries>` counts the entries, `<bytes>` all bytes after the first line. The file ends with the last of them:
///   what is cut short, or has anything after its end, is refused.
/// - An entry is a name of one byte or more, `=`, a value and NUL, as the kernel takes it. A name holds every byte but
///   `=` and NUL, a value every byte but NUL. No name comes twice.
/// - The order is that in which new variables are appended to the environment.
public enum EnvironmentFormat {
    /// What the first line begins with, the version included.
    public static let magic: StaticString = "latchkey-environment 1 "
    /// The most bytes of a whole file: more than the kernel takes with its usual limit of 8 MiB for the stack.
    public static let maximumSize = 2 << 20
    /// The most bytes of an entry, NUL included: the kernel refuses longer ones (MAX_ARG_STRLEN of execve(2), with the
    /// smallest of its page sizes).
    public static let maximumEntrySize = 128 << 10
}
