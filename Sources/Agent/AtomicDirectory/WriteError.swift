import Glibc

/// Why a set of files was not published. The set that was published before, if any, is still there.
public enum WriteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two files cannot both exist; nothing was written.
    case conflict(PathConflict)
    /// The directory does not exist, or is none.
    case missing(directory: String)
    case full(directory: String)
    case readOnly(directory: String)
    /// `attempt`: what was tried, with its object.
    case forbidden(attempt: String, user: UInt32, group: UInt32)
    /// The files cannot be given their group.
    case group(UInt32, directory: String, user: UInt32)
    /// Another process writes the same directory.
    case busy(directory: String)
    /// Something that is no link of this program has the name of a file of the set.
    case occupied(directory: String, name: String)
    /// Anything else: what was tried and what the kernel said.
    case system(attempt: String, reason: String)

    /// One sentence that says what happened and what helps.
    public var description: String {
        switch self {
        case .conflict(let conflict): "\(conflict); give one of them another path"
        case .missing(let directory):
            "'\(directory)' is no directory: mount the memory-backed volume there in the agent's container"
        case .full(let directory):
            "the volume at '\(directory)' is full: raise its size limit (volume.sizeLimit in Latchkey's "
                + "configuration; a new set needs room beside the old one) or use fewer or smaller secrets"
        case .readOnly(let directory):
            "'\(directory)' is read-only: the agent needs the memory-backed volume mounted there read-write "
                + "(its root file system may stay read-only)"
        case .forbidden(let attempt, let user, let group):
            "uid \(user), gid \(group) may not \(attempt): the agent's user or group must own the volume "
                + "(securityContext.fsGroup of the pod), and no security module may forbid it"
        case .group(let group, let directory, let user):
            "uid \(user) may not give files in '\(directory)' the group \(group): the agent must belong to it "
                + "(securityContext.fsGroup or supplementalGroups of the pod)"
        case .busy(let directory): "another process is writing '\(directory)': let one agent at a time use the volume"
        case .occupied(let directory, let name):
            "'\(directory)' holds '\(name)', which the agent did not make: give the agent an empty volume of its own"
        case .system(let attempt, let reason): "cannot \(attempt): \(reason)"
        }
    }

    init(_ error: SystemError, in directory: AtomicDirectory) {
        let path = directory.path
        let isItself = error.subject.isEmpty || error.subject == path
        let attempt = "\(error.attempt.rawValue) '\(isItself ? path : "\(error.subject)' in '\(path)")'"
        switch (error.code, error.attempt) {
        case (ENOSPC, _), (EDQUOT, _): self = .full(directory: path)
        case (EROFS, _): self = .readOnly(directory: path)
        case (EACCES, .setGroup), (EPERM, .setGroup), (EINVAL, .setGroup):
            self = .group(directory.group ?? 0, directory: path, user: geteuid())
        case (EACCES, _), (EPERM, _):
            self = .forbidden(attempt: attempt, user: geteuid(), group: getegid())
        case (EWOULDBLOCK, .lock): self = .busy(directory: path)
        case (EEXIST, _): self = .occupied(directory: path, name: error.subject)
        case (ENOENT, .open) where error.subject == path, (ENOTDIR, .open) where error.subject == path:
            self = .missing(directory: path)
        default:
            self = .system(attempt: attempt, reason: String(cString: strerror(error.code)))
        }
    }
}
