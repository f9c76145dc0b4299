import Synchronization

/// The headers by which a registry has let somebody read a repository, as long as they are good.
final class AuthorizationCache: Sendable {
    /// Who reads what; no credential is a reader, too.
    struct Key: Hashable {
        let repository: String
        let credential: RegistryCredential.Identity?
    }

    private struct Entry {
        let header: String
        let end: ContinuousClock.Instant
    }

    private let entries = Mutex(BoundedCache<Key, Entry>(maximumCount: 1024, maximumSize: 4 << 20))

    func header(_ key: Key) -> String? {
        entries.withLock { entries in
            guard let entry = entries.value(key), entry.end > .now else { return nil }
            return entry.header
        }
    }

    func keep(_ header: String, for key: Key, lifetime: Duration) {
        entries.withLock { $0.insert(Entry(header: header, end: .now + lifetime), for: key, size: header.utf8.count) }
    }
}
