extension DirectoryHandle {
    /// Removes an entry and all beneath it, without following a symbolic link.
    ///
    /// It goes on after a failure, to leave as little as possible, and then throws the first one.
    func removeTree(_ name: FileName, depth: Int = 0) throws(SystemError) {
        guard try kind(of: name) == .directory else { return try unlink(name) }
        var problem: SystemError?
        do throws(SystemError) {
            // No path of a plan is deeper than 512; what is deeper is nobody's, and descriptors are finite.
            guard depth < 600 else { return try removeDirectory(name) }
            let directory = try openDirectory(name)
            for child in try directory.names() {
                do throws(SystemError) { try directory.removeTree(child, depth: depth + 1) } catch {
                    problem = problem ?? error
                }
            }
        } catch {
            problem = problem ?? error
        }
        do throws(SystemError) { try removeDirectory(name) } catch { throw problem ?? error }
    }
}
