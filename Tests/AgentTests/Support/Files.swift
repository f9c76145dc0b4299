import Agent
import SecretSpec
import Testing
import VaultClient

/// Files of one content by path.
func files(_ paths: [String], _ content: String, mode: UInt32 = 0o444) throws -> [FileEntry] {
    try paths.map { try file($0, content, mode: mode) }
}

func file(_ path: String, _ content: String, mode: UInt32 = 0o444) throws -> FileEntry {
    FileEntry(path: try #require(RelativePath(path)), mode: mode, bytes: SecretBytes(Array(content.utf8)))
}
