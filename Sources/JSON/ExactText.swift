import Glibc

extension String {
    /// Whether both are the same sequence of code points.
    ///
    /// Swift's `==` takes canonically equivalent texts for equal; to JSON and Kubernetes they are two different names.
    package func isSameText(as other: String) -> Bool {
        // Lengths first: they are at hand and differ most often. Unequal texts must not reach Swift's `==`, which would
        // normalize them, and equal ones mostly leave it after one comparison of memory.
        let left = utf8
        let right = other.utf8
        guard left.count == right.count else { return false }
        return
            (left.withContiguousStorageIfAvailable { a in
                right.withContiguousStorageIfAvailable { b in a.hasSameBytes(as: b) }
            } ?? nil) ?? left.elementsEqual(right)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Equality of memory; `elementsEqual` goes byte by byte through two iterators.
    @inline(__always)
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}

/// A text as a key of a dictionary or a set, compared code point by code point; see ``Swift/String/isSameText(as:)``.
package struct ExactText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.isSameText(as: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: .init($0)) }
        if isHashed == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
        // The end of the text, so that two texts in a row cannot be cut differently.
        hasher.combine(UInt8(0xFF))
    }
}
