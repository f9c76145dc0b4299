import CExec

enum FileContent {
    /// A whole file, and nothing of it open afterwards.
    /// - Parameters:
    ///   - path: with a NUL after it.
    ///   - maximumSize: in bytes.
    static func read(_ path: Bytes, maximumSize: Int) throws(Fault) -> Bytes {
        let opened = lk_open_reading(path.address)
        guard opened >= 0 else { throw .file(errno: -opened) }
        let descriptor = CInt(truncatingIfNeeded: opened)
        defer { _ = lk_close(descriptor) }
        let size = lk_regular_file_size(descriptor)
        guard size >= 0 else { throw .fileNotRegular }
        guard size <= maximumSize else { throw .fileTooLarge }
        // One byte more than it should have: a file that grows is seen to be too long.
        guard let memory = lk_allocate(size + 1) else { throw .noMemory }
        var count = 0
        while count < size + 1 {
            let number = lk_read(descriptor, memory + count, size + 1 - count)
            if number == -Int(LK_EINTR.rawValue) { continue }
            guard number >= 0 else { throw .file(errno: -number) }
            if number == 0 { break }
            count += number
        }
        return Bytes(UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)), count: count)
    }
}
