public import SecretSpec
public import VaultClient

/// A file of the set that is to be published.
public struct FileEntry: Sendable {
    /// Where it appears beneath the directory.
    public let path: RelativePath
    /// Its permissions, 0 to 0o777, exactly.
    public let mode: UInt32
    /// What is in it.
    public let bytes: SecretBytes

    /// A file.
    public init(path: RelativePath, mode: UInt32, bytes: SecretBytes) {
        self.path = path
        self.mode = mode
        self.bytes = bytes
    }

    init(_ file: ResolvedFile) {
        self.init(path: file.path, mode: file.mode, bytes: file.bytes)
    }
}
