/// The members of a JSON object in their order, repeated names included.
public struct JSONObject: Sendable {
    /// One name and its value.
    public struct Member: Sendable {
        /// The name, unescaped.
        public var name: String
        /// The value.
        public var value: JSONValue

        /// A member.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// All members in their order.
    public private(set) var members: [Member]

    /// An object of these members.
    public init(_ members: [Member] = []) {
        self.members = members
    }

    /// The position of the member that counts for a name: the last one, as in the apiserver's own decoder.
    func index(of name: String) -> Int? {
        name.utf8.withContiguousStorageIfAvailable(index(of:))
            ?? Array(name.utf8).withUnsafeBufferPointer(index(of:))
    }

    /// The same for the name's bytes. Compares code point by code point; see ``Swift/String/isSameText(as:)``.
    private func index(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        // A span borrows; a closure would be handed copies of the members.
        let members = members.span
        var index = members.count
        while index > 0 {
            index -= 1
            let other = members[index].name.utf8
            guard other.count == name.count else { continue }
            if other.withContiguousStorageIfAvailable({ $0.hasSameBytes(as: name) }) ?? other.elementsEqual(name) {
                return index
            }
        }
        return nil
    }

    /// The value of a name (of the last of several). Setting replaces it in its place or appends; nil takes every
    /// member of the name away.
    public subscript(name: String) -> JSONValue? {
        get { index(of: name).map { members[$0].value } }
        set {
            guard let newValue else {
                members.removeAll { $0.name.isSameText(as: name) }
                return
            }
            if let index = index(of: name) {
                members[index].value = newValue
            } else {
                members.append(Member(name: name, value: newValue))
            }
        }
    }

    /// Adds a member at the end without looking for one of the same name.
    public mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }

    /// Changes the member's value in its place without a copy of what lies below it.
    mutating func withValue<Result>(
        at index: Int, _ body: (inout JSONValue) throws(JSONPatchError) -> Result
    ) throws(JSONPatchError) -> Result {
        try body(&members[index].value)
    }
}

/// Equality by name and value, whatever the order; of repeated names the last one counts.
extension JSONObject: Equatable {
    /// Whether both are equal in that sense.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        // No pair of values is compared twice: that would double the cost with every level.
        guard left.hasSameNamesInOrder(as: right) else {
            let a = left.lastPlaces
            let b = right.lastPlaces
            return a.count == b.count
                && a.allSatisfy { name, place in
                    b[name].map { left.members[place].value == right.members[$0].value } ?? false
                }
        }
        let places = left.members.count < 2 ? Array(left.members.indices) : Array(left.lastPlaces.values)
        return places.allSatisfy { left.members[$0].value == right.members[$0].value }
    }

    private func hasSameNamesInOrder(as other: JSONObject) -> Bool {
        members.count == other.members.count
            && zip(members, other.members).allSatisfy { $0.name.isSameText(as: $1.name) }
    }

    /// Where the member that counts is, by name.
    private var lastPlaces: [ExactText: Int] {
        Dictionary(zip(members.lazy.map { ExactText($0.name) }, members.indices), uniquingKeysWith: { $1 })
    }
}
