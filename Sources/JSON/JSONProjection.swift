/// Which members of a document a reader wants. The others are held against the grammar and left out.
///
/// It is kept flat, objects and members in one array each: the parser walks it by index, and nothing is retained or
/// released on the way as it would be in a tree.
public struct JSONProjection: Sendable {
    /// The members wanted of each object, as ranges of ``members``. The root is the first; none means everything.
    let objects: [Range<Int>]
    let members: [Member]

    struct Member: Sendable {
        let name: String
        let bytes: [UInt8]
        /// What is wanted of the value.
        let place: Place
    }

    /// An index into ``objects``, or ``everything``.
    struct Place: Sendable {
        static let everything = Place(index: -1)
        let index: Int
    }

    var root: Place { objects.isEmpty ? .everything : Place(index: 0) }

    /// The value as it is.
    public static let everything = JSONProjection(objects: [], members: [])

    /// Of an object the members of these names, each with its own projection. An array's elements are projected each in
    /// turn; anything else is kept as it is.
    public static func only(_ members: KeyValuePairs<String, JSONProjection>) -> JSONProjection {
        var objects = [0..<members.count]
        var own: [Member] = []
        var below: [Member] = []
        for (name, projection) in members {
            let objectShift = objects.count
            let memberShift = members.count + below.count
            func moved(_ place: Place) -> Place {
                place.index < 0 ? place : Place(index: place.index + objectShift)
            }
            own.append(Member(name: name, bytes: Array(name.utf8), place: moved(projection.root)))
            below += projection.members.map { Member(name: $0.name, bytes: $0.bytes, place: moved($0.place)) }
            objects += projection.objects.map { $0.lowerBound + memberShift..<$0.upperBound + memberShift }
        }
        return JSONProjection(objects: objects, members: own + below)
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
