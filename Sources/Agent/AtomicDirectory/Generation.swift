import CLinux
import Glibc
import SecretSpec
import VaultClient

/// One set of files in a directory of its own.
enum Generation {
    /// A name that no other run has had, with the time for who looks at it.
    static func name() throws(SystemError) -> FileName {
        var time = [CChar](repeating: 0, count: 32)
        guard lk_timestamp(&time, time.count) == 0 else {
            throw SystemError(attempt: .draw, subject: "", code: errno)
        }
        let text = time.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return FileName(bytes: Array("..".utf8) + text + Array(".".utf8) + randomSuffix())
    }

    /// A name for a link that is renamed at once.
    static func temporaryLinkName() -> FileName {
        FileName(bytes: Array("..link.".utf8) + randomSuffix())
    }

    /// Makes the generation and opens it to readers when it is whole.
    /// - Parameter files: in the order of ``PathConflict/order(_:by:)``.
    static func write(
        _ files: [FileEntry], named name: FileName, in root: borrowing DirectoryHandle, group: UInt32?
    ) throws(SystemError) {
        let directory = try root.makeDirectory(name)
        try write(files[...], depth: 0, into: directory, group: group)
        try directory.allowReading()
    }

    /// Writes files whose first `depth` components name `directory`.
    private static func write(
        _ files: ArraySlice<FileEntry>, depth: Int, into directory: borrowing DirectoryHandle, group: UInt32?
    ) throws(SystemError) {
        var rest = files
        while let file = rest.first, depth < file.path.components.count {
            let component = FileName(file.path.components[depth])
            guard depth + 1 < file.path.components.count else {
                try write(file, named: component, into: directory, group: group)
                rest = rest.dropFirst()
                continue
            }
            let inside = rest.prefix { FileName($0.path.components[depth]) == component }
            let child = try directory.makeDirectory(component)
            try write(inside, depth: depth + 1, into: child, group: group)
            try child.allowReading()
            rest = rest.dropFirst(inside.count)
        }
    }

    private static func write(
        _ file: FileEntry, named name: FileName, into directory: borrowing DirectoryHandle, group: UInt32?
    ) throws(SystemError) {
        let handle = try directory.createFile(name)
        let problem = file.bytes.withUnsafeBytes { bytes -> SystemError? in
            do throws(SystemError) { try handle.write(bytes) } catch { return error }
            return nil
        }
        if let problem { throw problem }
        try handle.set(mode: file.mode, group: group)
    }

    private static func randomSuffix() -> [UInt8] {
        let digits = Array(String(UInt64.random(in: .min ... .max), radix: 16).utf8)
        return [UInt8](repeating: UInt8(ascii: "0"), count: 16 - digits.count) + digits
    }
}
