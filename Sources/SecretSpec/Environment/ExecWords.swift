/// The words of `latchkey-exec`'s command line. ``ExecCommand`` writes them, `latchkey-exec` reads them; both are
/// compiled with this source.
///
///     latchkey-exec run <environment file> -- <command> [<argument>...]
///
/// `--` is never left out: nothing of the pod's author stands before it, and everything after it is the command's.
public enum ExecWords {
    /// The mode.
    public static let run: StaticString = "run"
    /// Before the command.
    public static let end: StaticString = "--"
}
