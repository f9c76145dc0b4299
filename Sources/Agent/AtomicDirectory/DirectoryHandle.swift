import CLinux
import Glibc

/// An open directory. Everything takes ONE name and never follows a symbolic link, so that nothing planted in the volume
/// leads out of it.
struct DirectoryHandle: ~Copyable {
    let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a directory by a trusted path.
    static func open(_ path: String) throws(SystemError) -> DirectoryHandle {
        let descriptor = lk_open_directory(path)
        guard descriptor >= 0 else { throw SystemError(attempt: .open, subject: path, code: errno) }
        return DirectoryHandle(descriptor: descriptor)
    }

    func openDirectory(_ name: FileName) throws(SystemError) -> DirectoryHandle {
        let descriptor = name.withCString { lk_open_beneath(self.descriptor, $0, O_RDONLY | O_DIRECTORY, 0) }
        try check(descriptor, .open, name)
        return DirectoryHandle(descriptor: descriptor)
    }

    /// Makes a directory that nobody else can enter yet.
    func makeDirectory(_ name: FileName) throws(SystemError) -> DirectoryHandle {
        try check(name.withCString { mkdirat(descriptor, $0, 0o700) }, .makeDirectory, name)
        return try openDirectory(name)
    }

    func symlink(_ name: FileName, to target: FileName) throws(SystemError) {
        let result = target.withCString { target in name.withCString { symlinkat(target, descriptor, $0) } }
        try check(result, .link, name)
    }

    /// Replaces `new` where it exists.
    func rename(_ old: FileName, to new: FileName) throws(SystemError) {
        let result = old.withCString { old in new.withCString { renameat(descriptor, old, descriptor, $0) } }
        try check(result, .rename, new)
    }

    func unlink(_ name: FileName) throws(SystemError) {
        try check(name.withCString { unlinkat(descriptor, $0, 0) }, .remove, name)
    }

    func removeDirectory(_ name: FileName) throws(SystemError) {
        try check(name.withCString { unlinkat(descriptor, $0, AT_REMOVEDIR) }, .remove, name)
    }

    /// Lets everybody read and enter. The set-group-ID bit stays: by it the files inherit the volume's group.
    func allowReading() throws(SystemError) {
        var status = stat()
        try check(fstat(descriptor, &status), .look, "")
        try check(fchmod(descriptor, 0o755 | (status.st_mode & S_ISGID)), .setMode, "")
    }

    /// Keeps every other writer out for as long as this handle is open; `EWOULDBLOCK` where one is at work. The kernel
    /// ends the lock of a process that is killed.
    func lock() throws(SystemError) {
        try check(flock(descriptor, LOCK_EX | LOCK_NB), .lock, "")
    }

    /// Closing is not enough where the process is forking: a child holds the lock until its `execve`.
    func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// Creates a file that nobody else can open yet.
    func createFile(_ name: FileName) throws(SystemError) -> FileHandle {
        let flags = O_WRONLY | O_CREAT | O_EXCL
        let descriptor = name.withCString { lk_open_beneath(self.descriptor, $0, flags, 0o600) }
        try check(descriptor, .create, name)
        return FileHandle(descriptor: descriptor, name: name)
    }

    /// Whether a name is a regular file with exactly these permissions and bytes. One that its owner may not read is
    /// made readable to the owner for as long as it takes.
    func holds(_ name: FileName, mode: UInt32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var status = stat()
        guard name.withCString({ fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
            status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o7777 == mode
        else { return false }
        let isReadable = mode & 0o400 != 0
        if !isReadable { setMode(name, mode | 0o400) }
        let file = name.withCString { lk_open_beneath(descriptor, $0, O_RDONLY | O_NONBLOCK, 0) }
        if !isReadable { setMode(name, mode) }
        guard file >= 0 else { return false }
        defer { close(file) }
        return lk_file_holds(file, bytes.baseAddress, bytes.count) == 1
    }

    /// A descriptor of a file for reading.
    func open(_ name: FileName) throws(SystemError) -> Int32 {
        let file = name.withCString { lk_open_beneath(descriptor, $0, O_RDONLY | O_NONBLOCK, 0) }
        try check(file, .open, name)
        return file
    }

    /// The bytes of a small file that holds no secret.
    func read(_ name: FileName, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try open(name)
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= limit else {
                throw SystemError(attempt: .read, subject: name.description, code: count < 0 ? errno : EFBIG)
            }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }

    func setMode(_ name: FileName, _ mode: UInt32) {
        _ = name.withCString { fchmodat(descriptor, $0, mode, 0) }
    }

    /// What a name is: nil where there is none.
    func kind(of name: FileName) throws(SystemError) -> EntryKind? {
        var status = stat()
        let result = name.withCString { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result != 0, errno == ENOENT { return nil }
        try check(result, .look, name)
        switch status.st_mode & S_IFMT {
        case S_IFLNK: return .symbolicLink
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// Where a symbolic link points; nil where the name is missing or no symbolic link.
    func target(of name: FileName) -> FileName? {
        let bytes = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer -> [UInt8] in
            guard let base = buffer.baseAddress else { return [] }
            let count = name.withCString { readlinkat(descriptor, $0, base, buffer.count) }
            return buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        }
        return bytes.isEmpty ? nil : FileName(bytes: bytes)
    }

    /// The names in it, without `.` and `..`.
    func names() throws(SystemError) -> [FileName] {
        // A description of its own: reading moves an offset that is else shared.
        let copy = lk_open_beneath(descriptor, ".", O_RDONLY | O_DIRECTORY, 0)
        try check(copy, .list, ".")
        guard let stream = fdopendir(copy) else {
            let code = errno
            close(copy)
            throw SystemError(attempt: .list, subject: ".", code: code)
        }
        defer { closedir(stream) }
        var names: [FileName] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(FileName(bytes: name)) }
        }
        return names
    }

    private func check(_ result: Int32, _ attempt: SystemError.Attempt, _ name: FileName) throws(SystemError) {
        guard result < 0 else { return }
        throw SystemError(attempt: attempt, subject: name.description, code: errno)
    }
}

/// What a directory entry is, as far as it matters here.
enum EntryKind { case symbolicLink, directory, other }
