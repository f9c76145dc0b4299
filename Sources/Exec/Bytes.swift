/// Bytes of memory that lives as long as the process. They are read within their bounds or not at all. (There is one
/// thread, whatever `Sendable` has to say for errors.)
struct Bytes: @unchecked Sendable {
    private let start: UnsafePointer<UInt8>
    let count: Int

    /// - Parameter count: how many bytes at `start` are readable.
    init(_ start: UnsafePointer<UInt8>, count: Int) {
        self.start = start
        self.count = count
    }

    /// The bytes of a text of the kernel's, up to its NUL.
    init(text: UnsafePointer<CChar>) {
        var length = 0
        while text[length] != 0 { length += 1 }
        self.init(UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: length)
    }

    init(_ text: StaticString) {
        self.init(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// For the kernel. Only where a NUL follows is it a text.
    var address: UnsafePointer<CChar> { UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self) }

    /// Nil beyond the end.
    func byte(at index: Int) -> UInt8? {
        index >= 0 && index < count ? start[index] : nil
    }

    /// What is left after the first bytes; nothing where there are no more.
    func dropping(_ number: Int) -> Bytes {
        let dropped = min(max(number, 0), count)
        return Bytes(start + dropped, count: count - dropped)
    }

    /// The first bytes, or all where there are no more.
    func prefix(_ number: Int) -> Bytes {
        Bytes(start, count: min(max(number, 0), count))
    }

    func firstIndex(of byte: UInt8) -> Int? {
        // Eight at a time, as far as eight are there: the values of a large file are mostly this.
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var index = 0
        while index + 8 <= count {
            let word = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self) ^ pattern
            if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < count {
            if start[index] == byte { return index }
            index += 1
        }
        return nil
    }

    func isSame(as other: Bytes) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where start[index] != other.start[index] { return false }
        return true
    }

    func starts(with other: Bytes) -> Bool {
        prefix(other.count).isSame(as: other)
    }

    /// The value of decimal digits without a leading zero, at most nine of them; nil for anything else.
    var decimal: Int? {
        guard 1...9 ~= count, count == 1 || byte(at: 0) != UInt8(ascii: "0") else { return nil }
        var value = 0
        for index in 0..<count {
            guard let digit = byte(at: index), UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
