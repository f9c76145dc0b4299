/// Which members of a document a reader wants. The others are held against the grammar and left out.
public struct JSONProjection: Sendable {
    /// Nil for every member.
    let members: [Member]?

    struct Member: Sendable {
        let name: String
        let bytes: [UInt8]
        let projection: JSONProjection
    }

    /// The value as it is.
    public static let everything = JSONProjection(members: nil)

    /// Of an object the members of these names, each with its own projection. An array's elements are projected each in
    /// turn; anything else is kept as it is.
    public static func only(_ members: KeyValuePairs<String, JSONProjection>) -> JSONProjection {
        JSONProjection(
            members: members.map { Member(name: $0.key, bytes: Array($0.key.utf8), projection: $0.value) })
    }
}

extension JSONValue {
    /// Parses one JSON text as strictly as ``init(parsing:)-([UInt8])`` and keeps what is wanted of it.
    public init(parsing bytes: [UInt8], keeping projection: JSONProjection) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(buffer)
            return try parser.parseText(keeping: projection)
        }
    }
}
