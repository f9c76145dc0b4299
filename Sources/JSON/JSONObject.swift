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
        members.lastIndex { $0.name.isSameText(as: name) }
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

extension JSONObject: Equatable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        let a = left.effectiveMembers
        let b = right.effectiveMembers
        guard a.count == b.count else { return false }
        return a.allSatisfy { name, value in b[name].map { $0 == value } ?? false }
    }

    /// Name to value with the last of repeated names winning. Keys are UTF-8 so that no two code point sequences meet.
    private var effectiveMembers: [[UInt8]: JSONValue] {
        Dictionary(members.map { (Array($0.name.utf8), $0.value) }, uniquingKeysWith: { $1 })
    }
}
