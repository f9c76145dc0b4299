import SecretSpec

/// Something that is written whole and not visible yet. What is let go of without ``commit()`` leaves nothing behind, so
/// several can be written before the first one appears.
protocol StagedWrite: AnyObject {
    /// Makes it visible at one moment.
    func commit() throws(WriteError)
}

/// A generation of an ``AtomicDirectory``: what its steps 2 to 6 made.
final class StagedGeneration: StagedWrite {
    private let directory: AtomicDirectory
    private let root: DirectoryHandle
    private let files: [FileEntry]
    private let name: FileName
    private var links: [FileName] = []
    private var isCommitted = false

    /// - Parameter files: in the order of ``PathConflict/order(_:by:)``.
    init(_ files: [FileEntry], in directory: AtomicDirectory) throws(SystemError) {
        self.directory = directory
        self.files = files
        root = try DirectoryHandle.open(directory.path)
        name = try Generation.name()
        try root.lock()
        root.sweep(keeping: root.target(of: AtomicDirectory.current))
        try Generation.write(files, named: name, in: root, group: directory.group)
    }

    deinit {
        if !isCommitted { root.discard(name, links: links) }
        root.unlock()
    }

    func commit() throws(WriteError) {
        do throws(SystemError) {
            links = try root.addLinks(for: files)
            try root.replaceLink(AtomicDirectory.current, to: name)
        } catch {
            throw WriteError(error, in: directory)
        }
        isCommitted = true
        root.removeLinks(except: files)
        root.sweep(keeping: name)
    }
}
