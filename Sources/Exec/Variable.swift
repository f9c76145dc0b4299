/// A variable as the kernel takes it: `NAME=VALUE`, and a NUL after it.
struct Variable: Keyed {
    let entry: Bytes
    private let nameLength: Int

    /// The name of an entry of the kernel's, which may have none: nil then. The value is not read.
    static func name(of entry: UnsafePointer<CChar>) -> Bytes? {
        var length = 0
        while entry[length] != 0 {
            if entry[length] == CChar(UInt8(ascii: "=")) {
                return length > 0
                    ? Bytes(UnsafeRawPointer(entry).assumingMemoryBound(to: UInt8.self), count: length) : nil
            }
            length += 1
        }
        return nil
    }

    /// Nil where there is no name before a `=`.
    init?(_ entry: Bytes) {
        guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { return nil }
        self.entry = entry
        nameLength = equals
    }

    var key: Bytes { entry.prefix(nameLength) }
}
