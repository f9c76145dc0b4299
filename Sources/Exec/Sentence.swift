import CExec

/// One line of a fault: `latchkey-exec: ...`. It goes to standard error and, at its end, to the file whose text
/// Kubernetes shows as the container's termination message.
struct Sentence {
    private static let capacity = 2048
    private static let quotedLength = 256
    private static let terminationLog: StaticString = "/dev/termination-log"

    private var text: Room<UInt8>

    init(beginning: StaticString = "latchkey-exec: ") throws(Fault) {
        text = try Room(capacity: Self.capacity)
        say(beginning)
    }

    mutating func say(_ words: StaticString) {
        text.append(Bytes(words))
    }

    /// Quotes as one line and not endlessly; says nothing where there is nothing that may be shown.
    mutating func quote(_ bytes: Bytes?) {
        guard let bytes else { return say("(not shown)") }
        let shown = bytes.prefix(Self.quotedLength)
        say("'")
        for index in 0..<shown.count {
            guard let byte = shown.byte(at: index) else { break }
            text.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte)
        }
        say(shown.count < bytes.count ? "...'" : "'")
    }

    mutating func say(errno: Int) {
        switch CUnsignedInt(truncatingIfNeeded: errno) {
        case LK_EPERM.rawValue: say("operation not permitted")
        case LK_ENOENT.rawValue: say("no such file or directory")
        case LK_E2BIG.rawValue: say("argument list too long")
        case LK_ENOEXEC.rawValue: say("exec format error")
        case LK_ENOMEM.rawValue: say("cannot allocate memory")
        case LK_EACCES.rawValue: say("permission denied")
        case LK_ENOTDIR.rawValue: say("not a directory")
        case LK_EISDIR.rawValue: say("is a directory")
        case LK_ETXTBSY.rawValue: say("text file busy")
        case LK_ENAMETOOLONG.rawValue: say("file name too long")
        case LK_ELOOP.rawValue: say("too many levels of symbolic links")
        default:
            say("errno ")
            say(number: errno)
        }
    }

    /// Only what needs no quoting.
    mutating func say(_ words: Bytes) {
        text.append(words)
    }

    mutating func say(number: Int) {
        if number >= 10 { say(number: number / 10) }
        text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: max(number, 0) % 10))
    }

    func write(to descriptor: CInt) {
        Output.write(text.bytes, to: descriptor)
    }

    /// Ends the line and writes it.
    mutating func publish() {
        say("\n")
        write(to: 2)
        // Outside of Kubernetes there is none. What a program wrote into it before is kept: the wrapper runs for exec
        // probes and hooks too.
        let log = lk_open_appending(Bytes(Self.terminationLog).address)
        guard log >= 0 else { return }
        write(to: CInt(truncatingIfNeeded: log))
        _ = lk_close(CInt(truncatingIfNeeded: log))
    }
}
