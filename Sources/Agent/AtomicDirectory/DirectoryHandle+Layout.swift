import Glibc
import SecretSpec

/// The links of an ``AtomicDirectory``, and what is removed from it.
extension DirectoryHandle {
    /// Points a link somewhere else at one moment, or makes it. Something that is no link is left alone: `EEXIST`.
    func replaceLink(_ name: FileName, to target: FileName) throws(SystemError) {
        switch try kind(of: name) {
        case nil, .symbolicLink: break
        case .directory, .other: throw SystemError(attempt: .link, subject: name.description, code: EEXIST)
        }
        let temporary = Generation.temporaryLinkName()
        try symlink(temporary, to: target)
        do throws(SystemError) { try rename(temporary, to: name) } catch {
            try? unlink(temporary)
            throw error
        }
    }

    /// Makes the links that files need and that are not there. Returns the names that are new; none stays behind where
    /// it throws.
    func addLinks(for files: [FileEntry]) throws(SystemError) -> [FileName] {
        var added: [FileName] = []
        do throws(SystemError) {
            for name in Self.firstComponents(of: files) where target(of: name) != Self.linkTarget(name) {
                let isNew = try kind(of: name) == nil
                try replaceLink(name, to: Self.linkTarget(name))
                if isNew { added.append(name) }
            }
        } catch {
            for name in added { try? unlink(name) }
            throw error
        }
        return added
    }

    /// Removes the links of ours that no file needs any more. What is not ours stays.
    func removeLinks(except files: [FileEntry]) {
        let needed = Set(Self.firstComponents(of: files))
        for name in (try? names()) ?? [] where !name.isReserved && !needed.contains(name) {
            if target(of: name) == Self.linkTarget(name) { try? unlink(name) }
        }
    }

    /// Removes every name that is kept for us but `..data`, the status file and one generation. What cannot be removed
    /// stays: it takes room, and where that matters, writing says so.
    func sweep(keeping generation: FileName?) {
        for name in (try? names()) ?? [] where name.isReserved {
            if name != AtomicDirectory.current, name != StatusFile.name, name != generation { try? removeTree(name) }
        }
    }

    /// Removes what a failed run made.
    func discard(_ generation: FileName, links: [FileName]) {
        for name in links { try? unlink(name) }
        try? removeTree(generation)
    }

    private static func linkTarget(_ name: FileName) -> FileName {
        FileName(bytes: AtomicDirectory.current.bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    private static func firstComponents(of files: [FileEntry]) -> [FileName] {
        var names: [FileName] = []
        for file in files {
            guard let name = file.path.components.first.map(FileName.init(_:)), name != names.last else { continue }
            names.append(name)
        }
        return names
    }
}
