public import SecretSpec
import VaultClient

/// What readers see now.
extension AtomicDirectory {
    /// The name of the generation that is published; nil where there is none.
    public var generation: String? {
        guard let root = try? DirectoryHandle.open(path), let target = root.target(of: Self.current),
            (try? root.kind(of: target)) == .directory
        else { return nil }
        return target.description
    }

    /// Whether something is published that has a name, file or directory, at each of these paths.
    func hasPublished(_ paths: [RelativePath]) -> Bool {
        guard let published = published() else { return false }
        return paths.allSatisfy { published.hasEntry($0.components[...]) }
    }

    /// The paths at which a set differs from what is published: new ones, those whose bytes or mode are others, and
    /// those that are gone. Compares with the files themselves, so that nobody has to keep a copy of a secret.
    public func changes(to files: [FileEntry]) -> [RelativePath] {
        var missing: [[FileName]: FileEntry] = [:]
        for file in files { missing[file.path.components.map(FileName.init(_:))] = file }
        var changed: [RelativePath] = []
        published()?.walk { components, directory in
            guard let name = components.last else { return }
            guard let file = missing.removeValue(forKey: components) else {
                // Every name beneath a generation was once a path.
                if let gone = RelativePath(components.map(\.description).joined(separator: "/")) {
                    changed.append(gone)
                }
                return
            }
            if !file.bytes.withUnsafeBytes({ directory.holds(name, mode: file.mode, $0) }) { changed.append(file.path) }
        }
        return changed + missing.values.map(\.path)
    }

    /// What is published for a file of a plan, byte for byte, with the plan's mode; with `#*` every file in its directory.
    /// Nil where it is not there or cannot be read.
    func entries(of file: AgentPlan.File) -> [FileEntry]? {
        var names = file.path.components.map(FileName.init(_:))
        guard let name = names.popLast(), var directory = published() else { return nil }
        for name in names {
            guard let next = try? directory.openDirectory(name) else { return nil }
            directory = next
        }
        guard file.isDirectory else {
            guard let bytes = try? directory.readPublished(name) else { return nil }
            return [FileEntry(path: file.path, mode: file.mode, bytes: bytes)]
        }
        guard let members = try? directory.openDirectory(name), let names = try? members.names() else { return nil }
        var entries: [FileEntry] = []
        for name in names {
            guard let path = file.path.appending(name.description), let bytes = try? members.readPublished(name) else {
                return nil
            }
            entries.append(FileEntry(path: path, mode: file.mode, bytes: bytes))
        }
        return entries
    }

    private func published() -> DirectoryHandle? {
        guard let root = try? DirectoryHandle.open(path), let target = root.target(of: Self.current) else { return nil }
        return try? root.openDirectory(target)
    }
}

extension DirectoryHandle {
    /// Calls `body` for everything beneath that is no directory, with its names from here and the directory it is in.
    func walk(below components: [FileName] = [], _ body: ([FileName], borrowing DirectoryHandle) -> Void) {
        for name in (try? names()) ?? [] {
            // No path of a plan is deeper than 512.
            if components.count < 600, let directory = try? openDirectory(name) {
                directory.walk(below: components + [name], body)
            } else {
                body(components + [name], self)
            }
        }
    }

    /// Whether there is a file or directory at a path from here.
    func hasEntry(_ components: ArraySlice<String>) -> Bool {
        guard let first = components.first.map(FileName.init(_:)) else { return true }
        guard components.count > 1 else { return (try? kind(of: first)) ?? nil != nil }
        return (try? openDirectory(first))?.hasEntry(components.dropFirst()) ?? false
    }
}
