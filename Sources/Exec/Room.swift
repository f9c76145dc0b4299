import CExec

/// A fixed number of places in memory of its own, filled from the front. It is never given back: the process is gone
/// in a moment.
struct Room<Element: BitwiseCopyable> {
    fileprivate let start: UnsafeMutablePointer<Element>
    let capacity: Int
    fileprivate(set) var count = 0

    /// - Throws: `noMemory`.
    init(capacity: Int) throws(Fault) {
        let (size, overflow) = max(capacity, 1).multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard !overflow, let memory = lk_allocate(size) else { throw .noMemory }
        start = memory.bindMemory(to: Element.self, capacity: max(capacity, 1))
        self.capacity = max(capacity, 0)
    }

    /// Does nothing where the room is full: the capacity is computed beforehand from the same input.
    mutating func append(_ element: Element) {
        guard count < capacity else { return }
        (start + count).initialize(to: element)
        count += 1
    }

    /// Nil where nothing has been put.
    func element(at index: Int) -> Element? {
        index >= 0 && index < count ? start[index] : nil
    }

    /// Does nothing where nothing has been put.
    func replace(at index: Int, with element: Element) {
        guard index >= 0, index < count else { return }
        start[index] = element
    }

    mutating func removeLast(_ number: Int) {
        count = max(count - max(number, 0), 0)
    }

    mutating func removeAll() {
        count = 0
    }

    var address: UnsafePointer<Element> { UnsafePointer(start) }
}

extension Room where Element: FixedWidthInteger {
    /// - Parameter zeroes: how many places there are, each taken by a zero.
    /// - Throws: `noMemory`.
    init(zeroes: Int) throws(Fault) {
        try self.init(capacity: zeroes)
        // The kernel's memory is zeroed.
        count = capacity
    }
}

extension Room where Element == UInt8 {
    /// - Throws: `noMemory`.
    init(capacity: Int, in arena: inout Arena) throws(Fault) {
        start = try arena.take(max(capacity, 1))
        self.capacity = max(capacity, 0)
    }

    mutating func append(_ bytes: Bytes) {
        for index in 0..<bytes.count {
            guard let byte = bytes.byte(at: index) else { return }
            append(byte)
        }
    }

    /// What was put.
    var bytes: Bytes { Bytes(address, count: count) }
}
