import JSON

/// A mapping while it is read: finds repeated names, and lets what is written outdo what is merged.
struct YAMLMapping {
    private var members: [JSONObject.Member] = []
    /// Where a name stands, by its UTF-8: Swift's strings would take canonically equivalent names for one.
    private var places: [[UInt8]: Place] = [:]

    private struct Place {
        var index: Int
        var isMerged: Bool
    }

    var object: JSONObject { JSONObject(members) }

    /// Adds a written member; false where the name was written before.
    mutating func set(_ key: String, _ value: JSONValue) -> Bool {
        let name = Array(key.utf8)
        guard let place = places[name] else {
            append(key, name, value, isMerged: false)
            return true
        }
        guard place.isMerged else { return false }
        members[place.index].value = value
        places[name]?.isMerged = false
        return true
    }

    /// Takes the members of a mapping, or of each mapping of a sequence, for names that are not there yet; false where
    /// the value is neither.
    mutating func merge(_ value: JSONValue) -> Bool {
        let sources = value.array ?? [value]
        for source in sources {
            guard let object = source.object else { return false }
            for member in object.members {
                let name = Array(member.name.utf8)
                if places[name] == nil { append(member.name, name, member.value, isMerged: true) }
            }
        }
        return true
    }

    private mutating func append(_ key: String, _ name: [UInt8], _ value: JSONValue, isMerged: Bool) {
        places[name] = Place(index: members.count, isMerged: isMerged)
        members.append(JSONObject.Member(name: key, value: value))
    }
}
