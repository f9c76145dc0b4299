internal import Glibc

/// One container's resolved variables as the bytes of the file that `latchkey-exec` reads; see ``EnvironmentFormat``.
///
///     var file = EnvironmentFile()
///     try secret.withUnsafeBytes { try file.append(name: "DB_PASSWORD".utf8, value: $0) }
///     file.withUnsafeBytes { write($0) }
///
/// The bytes hold secrets: they are overwritten when the file goes, and when it moves to larger memory.
public struct EnvironmentFile: ~Copyable {
    /// Room for the first line, then the entries.
    private var storage: UnsafeMutableRawBufferPointer
    private var end: Int
    private var names: Set<[UInt8]> = []

    /// A file without variables.
    public init() {
        storage = .allocate(byteCount: 4096, alignment: 1)
        end = Self.firstLineRoom
    }

    deinit {
        Self.wipeAndDeallocate(storage)
    }

    /// How many variables it holds.
    public var count: Int { names.count }

    /// Adds a variable after the others.
    ///
    /// Names come once: whoever resolves the variables has decided which of several values counts.
    /// - Throws: ``EnvironmentFileError``; the file is as before then.
    public mutating func append(
        name: some Collection<UInt8>, value: some Collection<UInt8>
    ) throws(EnvironmentFileError) {
        let shown = String(decoding: name, as: UTF8.self)
        let equals = UInt8(ascii: "=")
        guard !name.isEmpty, !name.contains(0), !name.contains(equals) else { throw .unusableName(shown) }
        guard !value.contains(0) else { throw .valueHoldsNUL(name: shown) }
        let (nameSize, valueSize) = (name.count, value.count)
        // No overflow: collections in memory are far smaller.
        let size = nameSize + valueSize + 2
        guard size <= EnvironmentFormat.maximumEntrySize else { throw .valueTooLong(name: shown) }
        guard end + size <= EnvironmentFormat.maximumSize else { throw .tooLarge }
        guard names.insert(Array(name)).inserted else { throw .duplicateName(shown) }
        reserve(end + size)
        append(name, count: nameSize)
        append(CollectionOfOne(equals), count: 1)
        append(value, count: valueSize)
        append(CollectionOfOne(0), count: 1)
    }

    /// Gives access to the whole file; the pointer must not leave the closure.
    public mutating func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let firstLine = Array("\(EnvironmentFormat.magic)\(count) \(end - Self.firstLineRoom)\n".utf8)
        // It stands right before the entries, wherever that leaves its beginning.
        let start = Self.firstLineRoom - firstLine.count
        UnsafeMutableRawBufferPointer(rebasing: storage[start..<Self.firstLineRoom]).copyBytes(from: firstLine)
        return try body(UnsafeRawBufferPointer(rebasing: storage[start..<end]))
    }

    /// The most bytes of the first line: two numbers of at most seven digits, a space and a line's end.
    private static var firstLineRoom: Int { EnvironmentFormat.magic.utf8CodeUnitCount + 16 }

    private mutating func append(_ bytes: some Collection<UInt8>, count: Int) {
        UnsafeMutableRawBufferPointer(rebasing: storage[end..<end + count]).copyBytes(from: bytes)
        end += count
    }

    private mutating func reserve(_ needed: Int) {
        guard needed > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(needed, storage.count * 2), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<end]))
        Self.wipeAndDeallocate(storage)
        storage = larger
    }

    private static func wipeAndDeallocate(_ buffer: UnsafeMutableRawBufferPointer) {
        if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
        buffer.deallocate()
    }
}
