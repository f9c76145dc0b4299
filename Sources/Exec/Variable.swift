/// A variable as the kernel takes it: `NAME=VALUE`, and a NUL after it.
struct Variable: BitwiseCopyable {
    let entry: Bytes
    private let nameLength: Int

    /// Nil where there is no name before a `=`.
    init?(_ entry: Bytes) {
        guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { return nil }
        self.entry = entry
        nameLength = equals
    }

    var name: Bytes { entry.prefix(nameLength) }
    var value: Bytes { entry.dropping(nameLength + 1) }
}
