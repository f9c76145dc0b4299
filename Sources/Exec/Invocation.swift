/// The command line; see ``ExecWords``.
enum Invocation {
    case help
    case version
    case run(Run)

    /// Where everything is that `run` needs.
    struct Run {
        /// The environment file's path.
        let file: Bytes
        /// The command and its arguments: not empty, a null pointer last.
        let command: UnsafePointer<UnsafePointer<CChar>?>
    }

    /// - Parameter arguments: with the program's name, a null pointer last.
    init(count: Int, arguments: UnsafePointer<UnsafePointer<CChar>?>) throws(Fault) {
        func word(_ index: Int) -> Bytes? {
            guard index < count, let argument = arguments[index] else { return nil }
            return Bytes(text: argument)
        }
        func isWord(_ index: Int, _ expected: StaticString) -> Bool {
            word(index)?.isSame(as: Bytes(expected)) ?? false
        }
        if isWord(1, "--help") || isWord(1, "-h") {
            self = .help
            return
        }
        if isWord(1, "--version") {
            self = .version
            return
        }
        guard isWord(1, ExecWords.run) else { throw .usage("it is not said what to do: 'run' is the one mode") }
        guard let file = word(2), file.count > 0, !isWord(2, ExecWords.end) else {
            throw .usage("no environment file is named")
        }
        if file.byte(at: 0) == UInt8(ascii: "-") { throw .usage("an option is not known: 'run' has none") }
        guard isWord(3, ExecWords.end) else { throw .usage("'--' does not follow the environment file") }
        guard word(4) != nil else {
            throw .usage("no command follows '--': state the container's command in the pod")
        }
        self = .run(Run(file: file, command: arguments + 4))
    }
}
