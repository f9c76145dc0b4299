/// A dictionary that forgets what was not used for longest when it holds too many entries, or too large ones.
struct BoundedCache<Key: Hashable, Value> {
    private struct Entry {
        let value: Value
        let size: Int
        var lastUse: UInt64
    }

    private let maximumCount: Int
    private let maximumSize: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    private(set) var size = 0

    /// - Parameter maximumSize: the sum of the sizes, in whatever unit they are given.
    init(maximumCount: Int, maximumSize: Int) {
        self.maximumCount = maximumCount
        self.maximumSize = maximumSize
    }

    var count: Int { entries.count }

    mutating func value(_ key: Key) -> Value? {
        uses &+= 1
        entries[key]?.lastUse = uses
        return entries[key]?.value
    }

    /// Replaces the key's entry; what alone is too large is not kept.
    mutating func insert(_ value: Value, for key: Key, size: Int) {
        remove(key)
        guard 0...maximumSize ~= size else { return }
        uses &+= 1
        entries[key] = Entry(value: value, size: size, lastUse: uses)
        self.size += size
        // A scan over a thousand entries at most, and only where a request to a registry was made just before.
        while entries.count > maximumCount || self.size > maximumSize,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
        {
            remove(oldest)
        }
    }

    mutating func remove(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { size -= entry.size }
    }
}
