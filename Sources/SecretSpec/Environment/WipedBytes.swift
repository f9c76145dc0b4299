internal import Glibc

/// Growing bytes that are overwritten when they go or move.
struct WipedBytes: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private(set) var count = 0

    deinit {
        Self.wipeAndDeallocate(storage)
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        let added = bytes.count
        reserve(count + added)
        UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + added]).copyBytes(from: bytes)
        count += added
    }

    func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    private mutating func reserve(_ needed: Int) {
        guard needed > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(needed, storage.count * 2, 256), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        Self.wipeAndDeallocate(storage)
        storage = larger
    }

    private static func wipeAndDeallocate(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return }
        explicit_bzero(base, buffer.count)
        buffer.deallocate()
    }
}
