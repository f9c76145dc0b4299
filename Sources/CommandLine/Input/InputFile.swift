import Glibc

/// Reads whole files; `-` is standard input.
enum InputFile {
    /// Why an input cannot be read: the file and the system's words.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let path: String
        let problem: String

        var description: String { "\(path): \(problem)" }
    }

    /// How a message names an input.
    static func title(_ path: String) -> String {
        path == "-" ? "standard input" : path
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { return content }
            content += block[..<count]
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(path: title(path), problem: String(cString: strerror(errno)))
    }
}
