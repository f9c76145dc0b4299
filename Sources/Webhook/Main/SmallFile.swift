import Glibc

/// Reads files of configuration size whole.
enum SmallFile {
    /// No configuration, certificate or token comes near it.
    static let maximumSize = 1 << 20

    /// Why a file cannot be read.
    enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        case system(operation: String, code: Int32)
        case tooLarge

        var description: String {
            switch self {
            case .system(let operation, let code): "cannot \(operation) the file: \(String(cString: strerror(code)))"
            case .tooLarge: "the file is larger than \(QuantityText.format(SmallFile.maximumSize))"
            }
        }
    }

    /// The content of a file; links are followed.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", code: errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(operation: "read", code: errno) }
            if count == 0 { return content }
            content += block[..<count]
            guard content.count <= maximumSize else { throw .tooLarge }
        }
    }
}
