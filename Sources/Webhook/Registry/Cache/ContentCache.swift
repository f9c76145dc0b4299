import Injector
import Synchronization

/// Commands by the digest of what a reference led to. Content under a digest does not change, so nothing expires.
///
/// Who asks must have read the manifest of that digest in that repository with a credential of its own.
final class ContentCache: Sendable {
    struct Key: Hashable {
        /// Registry and repository.
        let name: String
        /// Of the manifest or index that the reference led to.
        let digest: ContentDigest
        let platforms: ImagePlatforms
    }

    private let commands = Mutex(BoundedCache<Key, ImageCommand>(maximumCount: 2048, maximumSize: 4 << 20))

    func command(_ key: Key) -> ImageCommand? {
        commands.withLock { $0.value(key) }
    }

    func keep(_ command: ImageCommand, for key: Key) {
        commands.withLock { $0.insert(command, for: key, size: command.size + key.name.utf8.count + 128) }
    }
}
