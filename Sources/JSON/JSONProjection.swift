/// Which members of a document a reader wants. The others are held against the grammar and left out.
///
/// It is kept flat, objects and members in one array each: the parser walks it by index, and nothing is retained or
/// released on the way as it would be in a tree.
public struct JSONProjection: Sendable {
    /// Whether a text is wanted, by its bytes.
    public typealias TextTest = @Sendable (UnsafeBufferPointer<UInt8>) -> Bool

    let root: Place
    let objects: [Object]
    let members: [Member]
    let tests: [TextTest]

    struct Object: Sendable {
        /// The wanted members, as a range of ``JSONProjection/members``.
        let members: Range<Int>
        /// One bit for each of the members, the first one lowest: without all of these nothing else is wanted. 0 where
        /// everything always is.
        let required: UInt64
    }

    struct Member: Sendable {
        let name: String
        let bytes: [UInt8]
        /// What is wanted of the value.
        let place: Place
    }

    /// What is wanted of a value.
    enum Place: Sendable {
        case everything
        /// An index into ``JSONProjection/objects``.
        case object(Int)
        /// An index into ``JSONProjection/tests``.
        case text(Int)
    }

    /// The value as it is.
    public static let everything = JSONProjection(root: .everything, objects: [], members: [], tests: [])

    /// A text that passes the test; whatever else stands there is read as null.
    public static func text(where isWanted: @escaping TextTest) -> JSONProjection {
        JSONProjection(root: .text(0), objects: [], members: [], tests: [isWanted])
    }

    /// Of an object the members of these names, each with its own projection. An array's elements are projected each in
    /// turn; anything else is kept as it is.
    ///
    /// - Parameter required: some of the names, which must be among the first 64: an object where each of them is missing
    ///   or read as null or as an empty object is read as empty, and an array leaves empty ones out.
    public static func only(
        _ members: KeyValuePairs<String, JSONProjection>, requiring required: String...
    ) -> JSONProjection {
        let bits = members.indices.filter { required.contains(members[$0].key) }.reduce(0 as UInt64) { $0 | 1 << $1 }
        var objects = [Object(members: 0..<members.count, required: bits)]
        var own: [Member] = []
        var below: [Member] = []
        var tests: [TextTest] = []
        for (name, projection) in members {
            let (objectShift, memberShift, testShift) = (objects.count, members.count + below.count, tests.count)
            func moved(_ place: Place) -> Place {
                switch place {
                case .everything: .everything
                case .object(let index): .object(index + objectShift)
                case .text(let index): .text(index + testShift)
                }
            }
            own.append(Member(name: name, bytes: Array(name.utf8), place: moved(projection.root)))
            below += projection.members.map { Member(name: $0.name, bytes: $0.bytes, place: moved($0.place)) }
            objects += projection.objects.map { object in
                Object(
                    members: object.members.lowerBound + memberShift..<object.members.upperBound + memberShift,
                    required: object.required)
            }
            tests += projection.tests
        }
        return JSONProjection(root: .object(0), objects: objects, members: own + below, tests: tests)
    }
}

extension JSONValue {
    /// Parses one JSON text as strictly as ``init(parsing:)-([UInt8])`` and keeps what is wanted of it.
    public init(parsing bytes: [UInt8], keeping projection: JSONProjection) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(buffer, projection)
            return try parser.parseText()
        }
    }
}
