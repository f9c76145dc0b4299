/// What is looked for by name.
protocol Keyed: BitwiseCopyable {
    var key: Bytes { get }
}

/// Elements in their order and by key.
struct Table<Element: Keyed> {
    private(set) var elements: Room<Element>
    /// Hash table with open addressing: the number of an element plus one, or 0. At most half of it is taken.
    private var slots: Room<UInt32>

    init(capacity: Int) throws(Fault) {
        elements = try Room(capacity: capacity)
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = try Room(zeroes: size)
    }

    /// False where the key is there already, or the table is full.
    mutating func append(_ element: Element) -> Bool {
        guard elements.count < elements.capacity, let slot = slot(of: element.key), slots.element(at: slot) == 0
        else { return false }
        elements.append(element)
        slots.replace(at: slot, with: UInt32(truncatingIfNeeded: elements.count))
        return true
    }

    /// Which element has this key.
    func index(of key: Bytes) -> Int? {
        guard elements.count > 0, let slot = slot(of: key), let number = slots.element(at: slot), number > 0 else {
            return nil
        }
        return Int(number) - 1
    }

    /// The element of this key.
    func element(of key: Bytes) -> Element? {
        index(of: key).flatMap { elements.element(at: $0) }
    }

    /// Where the key is, or would be.
    private func slot(of key: Bytes) -> Int? {
        var slot = Int(truncatingIfNeeded: key.hash) & (slots.count - 1)
        for _ in 0..<slots.count {
            guard let number = slots.element(at: slot) else { return nil }
            if number == 0 { return slot }
            if let element = elements.element(at: Int(number) - 1), element.key.isSame(as: key) { return slot }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}

extension Bytes {
    /// FNV-1a, 32 bits.
    fileprivate var hash: UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for index in 0..<count {
            guard let byte = byte(at: index) else { break }
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        return hash
    }
}
