import JSON

// Swift's `==` on String takes canonically equivalent texts for equal. A vault does not, and one fetch for two secrets
// would give one of them the other's value; so every text below is compared code point by code point.

/// Equality by meaning: the text as it was written does not count.
extension SecretReference: Hashable {
    /// Whether both are equal in that sense.
    public static func == (left: SecretReference, right: SecretReference) -> Bool {
        left.object == right.object && left.field == right.field
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(object)
        hasher.combine(field)
    }
}

extension SecretReference.Object: Hashable {
    /// Whether both are equal in that sense.
    public static func == (left: Self, right: Self) -> Bool {
        left.exactTexts == right.exactTexts
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(exactTexts)
    }

    private var exactTexts: [[ExactText]] {
        [[ExactText(scheme), ExactText(authority)], path.map(ExactText.init)]
            + query.sorted { $0.key < $1.key }.map { [ExactText($0.key), ExactText($0.value)] }
    }
}

extension SecretReference.Field: Hashable {
    /// Whether both are equal in that sense.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.name(let a), .name(let b)), (.pointer(let a), .pointer(let b)): a.isSameText(as: b)
        case (.all, .all): true
        default: false
        }
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .name(let text), .pointer(let text): hasher.combine(ExactText(text))
        case .all: hasher.combine(0)
        }
    }
}
