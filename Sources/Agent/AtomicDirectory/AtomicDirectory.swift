import CLinux
import SecretSpec

/// A directory whose visible files change all at once, laid out like the kubelet's volumes:
///
///     a.txt  -> ..data/a.txt            one link per first component
///     tls    -> ..data/tls
///     ..data -> ..2026_01_31_12_00_00.0123456789abcdef
///     ..2026_01_31_12_00_00.0123456789abcdef/     the generation: the files themselves
///
/// How a set is published. A kill before any of the system calls leaves the old set or the new one whole, and the next
/// run succeeds:
///
/// 1. Conflicts between paths are found before anything is touched.
/// 2. The directory is opened and locked against a second writer. The kernel drops the lock of a killed process.
/// 3. What a killed run left is removed: every `..` name but `..data`, the generation it points to and the status file.
///    This comes first because the leftovers take room from a volume of limited size.
/// 4. The generation is made, closed to others, with a name that no run has had: so nothing that was left behind can stop
///    it. (The kubelet's fixed `..data_tmp` can: kubernetes#121472.)
/// 5. Files are written into it, each closed to others until it is whole and has its group and mode.
/// 6. The generation is opened to readers.
/// 7. Links of first components that are new are made. They dangle until step 8, so a reader finds what the old set held:
///    nothing. (The kubelet makes them after the swap; then the new set is for a moment only half visible.)
/// 8. A temporary link to the generation is renamed to `..data`: the one moment at which the new set appears.
/// 9. Links of first components that are gone, which dangle now, and the old generation are removed. The set is
///    published: what fails here is left to the next run's steps 3 and 9.
///
/// A failure in steps 4 to 8 removes what was made. Nothing is synced to disk: the volume is a tmpfs, and what a crash of
/// the machine takes from it, it takes as a whole. Hard links and reflinks of unchanged files are not tried: a set is small.
public struct AtomicDirectory: Sendable {
    /// An absolute path, trusted; links in it are followed.
    public let path: String
    /// The group that files are given, or nil for what the directory gives them.
    public let group: UInt32?

    static let current: FileName = "..data"

    /// A directory, which must exist.
    public init(path: String, group: UInt32?) {
        self.path = path
        self.group = group
    }

    init(_ plan: AgentPlan) {
        self.init(path: plan.directory, group: plan.group)
    }

    /// Makes `files` the whole content of the directory, or changes nothing and throws.
    public func publish(_ files: [FileEntry]) throws(WriteError) {
        let ordered: [FileEntry]
        do throws(PathConflict) { ordered = try PathConflict.order(files) { $0.path } } catch {
            throw .conflict(error)
        }
        do throws(SystemError) {
            let root = try DirectoryHandle.open(path)
            try root.lock()
            defer { root.unlock() }
            root.sweep(keeping: root.target(of: Self.current))
            let generation = try Generation.name()
            var links: [FileName] = []
            do throws(SystemError) {
                try Generation.write(ordered, named: generation, in: root, group: group)
                links = try root.addLinks(for: ordered)
                try root.replaceLink(Self.current, to: generation)
            } catch {
                root.discard(generation, links: links)
                throw error
            }
            root.removeLinks(except: ordered)
            root.sweep(keeping: generation)
        } catch {
            throw WriteError(error, in: self)
        }
    }
}
