/// The finished children of the containers that the parser is still in, all in one block of memory.
///
/// A container's children are moved into an array of just their number when it ends. Arrays that grow by appending
/// would be allocated and copied two or three times each; most containers of a Pod have one to five children.
struct MoveStack<Element>: ~Copyable {
    /// Elements `0..<count` are initialized, the others are not; every method keeps that true.
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    @inline(__always)
    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }

    /// Destroys the elements from `start` on.
    mutating func drop(from start: Int) {
        guard 0...count ~= start else { return }
        (base + start).deinitialize(count: count - start)
        count = start
    }

    /// Takes the elements from `start` on off the stack.
    mutating func pop(from start: Int) -> [Element] {
        let number = count - start
        guard number > 0, start >= 0 else { return [] }
        // `Array(unsafeUninitializedCapacity:)` is not specialized and looks metadata up at run time.
        var elements: [Element] = []
        elements.reserveCapacity(number)
        for index in start..<count { elements.append((base + index).move()) }
        count = start
        return elements
    }
}
