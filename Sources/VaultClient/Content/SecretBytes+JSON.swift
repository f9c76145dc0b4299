internal import JSON

extension SecretBytes {
    /// The bytes as JSON; nil where they are none. The value's texts are copies that nobody overwrites.
    var json: JSONValue? {
        withUnsafeBytes { try? JSONValue(parsing: $0.bindMemory(to: UInt8.self)) }
    }
}
