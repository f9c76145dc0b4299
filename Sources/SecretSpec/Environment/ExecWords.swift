/// The words of `latchkey-exec`'s command line. ``ExecCommand`` writes them, `latchkey-exec` reads them; both are
/// compiled with this source.
///
///     latchkey-exec run [--join=<counts>] <environment file> -- <command> [<argument>...]
///
/// `--` is never left out: nothing of the pod's author stands before it, and everything after it is the command's.
///
/// `--join` says that some of the command's words arrive in pieces. `<counts>` are decimal numbers separated by commas,
/// one for each word from the command on: of how many arguments it is made. Words after the last count are whole. A
/// word of one argument is that argument. A word of 3n + 1 arguments is text, and n times a name, a fallback and text:
/// all texts in their order with, between them, the file's value of the name, or where the file has no such variable
/// the fallback.
public enum ExecWords {
    /// The mode.
    public static let run: StaticString = "run"
    /// Before the counts.
    public static let join: StaticString = "--join="
    /// Before the command.
    public static let end: StaticString = "--"
}
