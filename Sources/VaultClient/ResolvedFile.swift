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
    /// What the object's owner should know though it was read, as one sentence.
    public let warning: String?

    /// A file.
    public init(path: RelativePath, mode: UInt32, bytes: SecretBytes, version: String?, warning: String? = nil) {
        self.path = path
        self.mode = mode
        self.bytes = bytes
        self.version = version
        self.warning = warning
    }
}
