import Agent
import Glibc
import SecretSpec
import VaultClient

// Publishes one set and ends: for tests that kill it, starve it or race it.
//
//     atomic-directory-writer <directory> <content> <path>[=<octal mode>]...
//     atomic-directory-writer --status <directory> <content>
//
// The second form writes the status file instead.
//
// Every file holds <content>; `<content>` as `<n>x` means n bytes of `x`. Exit status: 0 published, 1 a WriteError, whose
// sentence goes to standard output, 2 usage.

func files(_ arguments: ArraySlice<String>, content: [UInt8]) -> [FileEntry]? {
    var files: [FileEntry] = []
    for argument in arguments {
        let parts = argument.split(separator: "=")
        guard let path = parts.first.flatMap({ RelativePath(String($0)) }),
            let mode = parts.count == 2 ? UInt32(parts[1], radix: 8) : 0o444
        else { return nil }
        files.append(FileEntry(path: path, mode: mode, bytes: SecretBytes(content)))
    }
    return files
}

func run(_ arguments: [String]) -> Int32 {
    guard arguments.count >= 3 else { return 2 }
    if arguments[1] == "--status" { return writeStatus(Array(arguments.dropFirst(2))) }
    var content = Array(arguments[2].utf8)
    if content.last == UInt8(ascii: "x"), let count = Int(arguments[2].dropLast()) {
        content = [UInt8](repeating: UInt8(ascii: "x"), count: count)
    }
    guard let files = files(arguments.dropFirst(3), content: content) else { return 2 }
    do throws(WriteError) {
        try AtomicDirectory(path: arguments[1], group: nil).publish(files)
        return 0
    } catch {
        print(error)
        return 1
    }
}

func writeStatus(_ arguments: [String]) -> Int32 {
    guard arguments.count == 2 else { return 2 }
    do throws(SystemError) {
        try StatusFile.write(Array(arguments[1].utf8), to: arguments[0])
        return 0
    } catch {
        print(error)
        return 1
    }
}

exit(run(CommandLine.arguments))
