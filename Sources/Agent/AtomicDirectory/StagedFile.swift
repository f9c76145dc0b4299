import Glibc
import SecretSpec

/// One file that replaces another at one moment, or with no bytes the end of one. Readers see an old or a new one whole.
/// A killed run leaves one name and no others behind; the next write of the same file removes it.
final class StagedFile: StagedWrite {
    private let directory: AtomicDirectory
    private let root: DirectoryHandle
    private let name: FileName
    private let temporary: FileName
    private let isRemoval: Bool
    private var isCommitted = false

    /// - Parameters:
    ///   - directory: where, and which group it gets.
    ///   - temporary: a name that nothing else has.
    init(
        _ bytes: UnsafeRawBufferPointer?, as name: FileName, by temporary: FileName, mode: UInt32,
        in directory: AtomicDirectory
    ) throws(WriteError) {
        self.directory = directory
        self.name = name
        self.temporary = temporary
        isRemoval = bytes == nil
        do throws(SystemError) {
            root = try DirectoryHandle.open(directory.path)
            if try root.kind(of: temporary) != nil { try root.removeTree(temporary) }
            guard let bytes else { return }
            let file = try root.createFile(temporary)
            try file.write(bytes)
            try file.set(mode: mode, group: directory.group)
        } catch {
            throw WriteError(error, in: directory)
        }
    }

    deinit {
        if !isCommitted { try? root.removeTree(temporary) }
    }

    func commit() throws(WriteError) {
        do throws(SystemError) {
            if !isRemoval {
                try root.rename(temporary, to: name)
            } else if try root.kind(of: name) != nil {
                try root.removeTree(name)
            }
        } catch {
            throw WriteError(error, in: directory)
        }
        isCommitted = true
    }
}
