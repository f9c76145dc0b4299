internal import COpenSSL

/// Bytes of a secret: never shown, and overwritten when the last owner lets go of them.
///
/// Overwriting is done as well as a program can: what a parser or the TLS library copied on the way is not reached.
public final class SecretBytes: Sendable {
    // Written in `init` alone, read-only from then on, which is what makes sharing it safe.
    nonisolated(unsafe) private let storage: UnsafeMutableRawBufferPointer

    /// A copy of these bytes.
    public convenience init(_ bytes: [UInt8]) {
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        storage.copyBytes(from: bytes)
        self.init(adopting: storage)
    }

    /// A copy of memory that somebody else owns.
    public init(copying buffer: UnsafeRawBufferPointer) {
        storage = .allocate(byteCount: buffer.count, alignment: 1)
        storage.copyMemory(from: buffer)
    }

    /// A text's UTF-8.
    public convenience init(text: String) {
        // Without an array in between, which nobody would overwrite.
        var text = text
        let storage = text.withUTF8 { bytes in
            let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            storage.copyMemory(from: UnsafeRawBufferPointer(bytes))
            return storage
        }
        self.init(adopting: storage)
    }

    /// Takes over memory from ``UnsafeMutableRawBufferPointer/allocate(byteCount:alignment:)``.
    init(adopting storage: UnsafeMutableRawBufferPointer) {
        self.storage = storage
    }

    deinit {
        if let base = storage.baseAddress { OPENSSL_cleanse(base, storage.count) }
        storage.deallocate()
    }

    /// How many bytes there are.
    public var count: Int { storage.count }

    /// Gives access to the bytes; the pointer must not leave the closure.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// Whether both hold the same bytes; the time does not tell where they differ.
    public func isSame(as other: SecretBytes) -> Bool {
        guard count == other.count else { return false }
        guard let mine = storage.baseAddress, let theirs = other.storage.baseAddress else { return true }
        return CRYPTO_memcmp(mine, theirs, count) == 0
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the bytes.
    public var description: String { "<redacted>" }
    /// Never the bytes.
    public var debugDescription: String { description }
    /// Nothing, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
