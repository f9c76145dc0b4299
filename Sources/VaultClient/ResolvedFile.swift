public import SecretSpec

/// One file's content, ready to be written.
public struct ResolvedFile: Sendable {
    /// Where it goes, relative to the volume's root.
    public let path: RelativePath
    /// Permission bits.
    public let mode: UInt32
    /// The content.
    public let bytes: SecretBytes
    /// The object's version as the vault names it, where it does.
    public let version: String?

    /// A file.
    public init(path: RelativePath, mode: UInt32, bytes: SecretBytes, version: String?) {
        self.path = path
        self.mode = mode
        self.bytes = bytes
        self.version = version
    }
}
