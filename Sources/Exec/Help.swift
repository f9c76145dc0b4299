import CExec

enum Help {
    static func write() throws(Fault) {
        Output.write(usage, to: 1)
        for number in 0..<CInt(128) {
            guard let code = ExitCode(rawValue: number) else { continue }
            var line = try Sentence(beginning: code.rawValue < 100 ? "    " : "  ")
            line.say(number: Int(code.rawValue))
            line.say("  ")
            line.say(code.meaning)
            line.say("\n")
            line.write(to: 1)
        }
    }

    static func writeVersion() throws(Fault) {
        var line = try Sentence(beginning: "latchkey-exec ")
        line.say(Bytes(text: lk_version()))
        line.say("\n")
        line.write(to: 1)
    }

    private static let usage: StaticString = """
        usage: latchkey-exec run FILE -- COMMAND [ARGUMENT...]
               latchkey-exec --help | --version

        Becomes COMMAND, with the references to secrets in its environment and in its own words replaced by the values
        of FILE, and FILE's variables added. FILE is written by latchkey-agent; the command line by Latchkey's webhook.
        A COMMAND without a slash is looked for in PATH. A reference that FILE does not know starts nothing.

        exit status, unless it is COMMAND's:

        """
}
