import CExec

/// Where the command is. This is `exec.LookPath` of Go, which runc and with it containerd and CRI-O use: a command with
/// a slash is taken as it is; another is looked for in the directories of PATH, where what is missing, a directory or
/// not executable is passed over; an empty directory means the current one, but a command found through a relative one
/// is refused. There is no default for a PATH that is missing: the runtime has set its own before.
struct CommandPath {
    private var path: Room<UInt8>

    /// - Parameters:
    ///   - command: with a NUL after it.
    ///   - searchPath: the value of PATH in the command's environment.
    /// - Throws: `commandNotInPath`, `commandInRelativePath`, `noMemory`.
    init(of command: Bytes, searchPath: Bytes) throws(Fault) {
        let slash = UInt8(ascii: "/")
        path = try Room(capacity: searchPath.count + command.count + 3)
        if command.firstIndex(of: slash) != nil {
            path.append(command)
            path.append(0)
            return
        }
        guard command.count > 0, !command.isSame(as: Bytes(".")), !command.isSame(as: Bytes("..")) else {
            throw .commandNotInPath
        }
        var rest = searchPath
        while rest.count > 0 {
            let end = rest.firstIndex(of: UInt8(ascii: ":"))
            setCleaned(directory: rest.prefix(end ?? rest.count), command)
            if lk_may_execute(address) == 0 {
                guard path.element(at: 0) == slash else { throw .commandInRelativePath }
                return
            }
            guard let end else { break }
            rest = rest.dropping(end + 1)
            // An empty directory may be the last, too.
            if rest.count == 0 {
                setCleaned(directory: rest, command)
                if lk_may_execute(address) == 0 { throw .commandInRelativePath }
            }
        }
        throw .commandNotInPath
    }

    var address: UnsafePointer<CChar> { path.bytes.address }

    /// `directory/command` as Go's `filepath.Join` writes it: without empty and `.` components, `..` resolved by text.
    /// A script sees this path as its own name.
    private mutating func setCleaned(directory: Bytes, _ command: Bytes) {
        let slash = UInt8(ascii: "/")
        path.removeAll()
        let isRooted = directory.byte(at: 0) == slash
        var rest = directory
        while rest.count > 0 {
            let end = rest.firstIndex(of: slash) ?? rest.count
            let component = rest.prefix(end)
            rest = rest.dropping(end + 1)
            if component.count == 0 || component.isSame(as: Bytes(".")) { continue }
            guard component.isSame(as: Bytes("..")) else {
                appendComponent(component, isRooted: isRooted)
                continue
            }
            let last = path.bytes.lastComponent
            if last.count > 0, !last.isSame(as: Bytes("..")) {
                path.removeLast(last.count + (last.count < path.count ? 1 : 0))
            } else if !isRooted {
                appendComponent(component, isRooted: false)
            }
        }
        appendComponent(command, isRooted: isRooted)
        path.append(0)
    }

    private mutating func appendComponent(_ component: Bytes, isRooted: Bool) {
        if isRooted || path.count > 0 { path.append(UInt8(ascii: "/")) }
        path.append(component)
    }
}

extension Bytes {
    /// What follows the last slash.
    fileprivate var lastComponent: Bytes {
        var rest = self
        while let slash = rest.firstIndex(of: UInt8(ascii: "/")) { rest = rest.dropping(slash + 1) }
        return rest
    }
}
