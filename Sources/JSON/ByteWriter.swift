/// Bytes in the making. An array's `append` asks at every byte whether the array is shared; this is never shared.
struct ByteWriter: ~Copyable {
    /// Bytes `0..<count` are initialized; `count <= capacity` always.
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0

    init(capacity: Int = 1000) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    @inline(__always)
    mutating func write(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        base[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        if bytes.count > capacity - count { grow(by: bytes.count) }
        (base + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    /// Writes the bytes from `start` on up to the first that a string literal must escape; says how many.
    /// `0 <= start <= bytes.count` must hold.
    @inline(__always)
    mutating func writePlainText(of bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let left = bytes.count - start
        guard left > 0, let source = UnsafeRawPointer(bytes.baseAddress)?.advanced(by: start) else { return 0 }
        // Room for all of it, so that words can be written before it is known how much of each counts.
        if left > capacity - count { grow(by: left) }
        let target = UnsafeMutableRawPointer(base + count)
        var done = 0
        while left - done >= 8 {
            let word = source.loadUnaligned(fromByteOffset: done, as: UInt64.self)
            target.storeBytes(of: word, toByteOffset: done, as: UInt64.self)
            let special = PlainText.firstSpecialByte(in: UInt64(littleEndian: word))
            done += special
            if special < 8 {
                count += done
                return done
            }
        }
        while done < left {
            let byte = source.load(fromByteOffset: done, as: UInt8.self)
            if PlainText.isSpecial(byte) { break }
            target.storeBytes(of: byte, toByteOffset: done, as: UInt8.self)
            done += 1
        }
        count += done
        return done
    }

    @inline(never)
    private mutating func grow(by needed: Int) {
        capacity = max(capacity * 4, count + needed)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    borrowing func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        body(UnsafeBufferPointer(start: base, count: count))
    }
}
