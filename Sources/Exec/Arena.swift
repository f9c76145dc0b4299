import CExec

/// Memory for many small things, asked of the kernel in large pieces: it gives what is touched.
struct Arena {
    private static let pieceSize = 1 << 20

    private var start: UnsafeMutablePointer<UInt8>?
    private var left = 0

    /// - Throws: `noMemory`.
    mutating func take(_ count: Int) throws(Fault) -> UnsafeMutablePointer<UInt8> {
        if let start, count <= left {
            self.start = start + count
            left -= count
            return start
        }
        let size = max(count, Self.pieceSize)
        guard let memory = lk_allocate(size) else { throw .noMemory }
        let piece = memory.bindMemory(to: UInt8.self, capacity: size)
        start = piece + count
        left = size - count
        return piece
    }
}
