internal import COpenSSL

/// A growing buffer for bytes that may be secret: what it leaves behind when it grows or goes is overwritten.
final class SecretBuffer {
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private(set) var count = 0

    /// A buffer with room for so many bytes before it must grow.
    init(capacity: Int = 0) {
        if capacity > 0 { storage = .allocate(byteCount: capacity, alignment: 1) }
    }

    deinit {
        wipeAndDeallocate(storage)
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        reserve(count + bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + bytes.count]).copyMemory(from: bytes)
        count += bytes.count
    }

    func append(_ byte: UInt8) {
        reserve(count + 1)
        storage[count] = byte
        count += 1
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Writes over the whole capacity; `body` says how many bytes it wrote, or nil for a failure, which is then false.
    func fill(_ body: (UnsafeMutableRawBufferPointer) -> Int?) -> Bool {
        guard let written = body(storage), 0...storage.count ~= written else { return false }
        count = written
        return true
    }

    /// The bytes so far as a value of their own.
    func take() -> SecretBytes {
        SecretBytes(copying: UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    private func reserve(_ needed: Int) {
        guard needed > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(needed, storage.count * 2, 256), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        wipeAndDeallocate(storage)
        storage = larger
    }

    private func wipeAndDeallocate(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return }
        OPENSSL_cleanse(base, buffer.count)
        buffer.deallocate()
    }
}
