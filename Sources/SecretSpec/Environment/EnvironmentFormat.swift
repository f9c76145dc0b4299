/// The file that holds what one container's environment is completed with, byte by byte. The agent writes it
/// (``EnvironmentFile``), `latchkey-exec` reads it; both are compiled with this source.
///
///     latchkey-environment 1 <beginnings> <replacements> <variables> <bytes>\n
///     BEGINNING\0 ...
///     TEXT\0VALUE\0 ...
///     NAME=VALUE\0 ...
///
/// - The first line is ASCII, its parts separated by one space; all numbers are decimal, without sign or leading zeros.
/// - The first three numbers count what follows, `<bytes>` is the length of all that stands after the first line. The
///   file ends there: what is cut short, or has anything after its end, is refused.
/// - A beginning is what references begin with: lower-case letters and `://`. None may survive in the environment.
/// - A text is `${`, a reference and perhaps a filter, `}`; or a reference alone, for values that are nothing else. It
///   is replaced, and what it is replaced by is not looked at again. No text comes twice.
/// - A variable is a name of one byte or more, `=`, a value and NUL, as the kernel takes it. A name holds every byte
///   but `=` and NUL. No name comes twice. The order is that in which new variables are appended to the environment.
/// - No part holds a NUL.
///
/// What `latchkey-exec` does with it, in every value of the environment and every argument:
///
/// 1. A value that begins like a reference is replaced as a whole.
/// 2. `${` before a beginning, up to the next `}`, is replaced; `$${` there becomes a literal `${`.
/// 3. A beginning anywhere else is refused, unless it is only the end of a longer URL scheme (`hashivault://`). Where
///    the file has a text without `${`, that is refused too: such a text may have come behind anything by `$(NAME)`.
/// 4. What is to be replaced and not in the file is refused.
public enum EnvironmentFormat {
    /// What the first line begins with, the version included.
    public static let magic: StaticString = "latchkey-environment 1 "
    /// The most bytes of a whole file: more than the kernel takes with its usual limit of 8 MiB for the stack.
    public static let maximumSize = 2 << 20
    /// The most bytes of a variable or a value, NUL included: the kernel refuses longer ones (MAX_ARG_STRLEN of
    /// execve(2), with the smallest of its page sizes).
    public static let maximumEntrySize = 128 << 10
}
