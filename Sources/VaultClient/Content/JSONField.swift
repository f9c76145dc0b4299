internal import JSON
internal import SecretSpec

/// Picks out of a JSON secret what a reference's field names.
enum JSONField {
    /// The member, the value at the pointer, or all members. Strings give their text, other values their JSON text.
    /// - Parameter noun: what the content is called in messages.
    static func select(
        _ field: SecretReference.Field, of content: SecretBytes, noun: String
    ) throws(VaultError) -> SecretContent {
        guard let json = content.json else {
            throw VaultError(
                .field,
                "\(noun) is no JSON text of at most \(JSONValue.maximumDepth) levels, so it has no fields; leave the '#...' "
                    + "out, or store a JSON object")
        }
        switch field {
        case .name(let name):
            guard let object = json.object else { throw notAnObject(json, noun) }
            guard let value = object[name] else {
                throw VaultError(.field, "\(noun) has no member '\(name)'; check the reference's '#\(name)'")
            }
            guard object.members.count(where: { Array($0.name.utf8) == Array(name.utf8) }) == 1 else {
                throw VaultError(.field, "\(noun) holds the member '\(name)' more than once; keep one of them")
            }
            return .whole(bytes(of: value))
        case .pointer(let text):
            guard let pointer = JSONPointer(parsing: text) else {
                throw VaultError(
                    .field, "'#\(text)' is no JSON pointer: a '~' in it must be written '~0', a '/' in a name '~1'")
            }
            guard let value = json.value(at: pointer) else {
                throw VaultError(.field, "\(noun) has nothing at '#\(text)'; check the reference's pointer")
            }
            return .whole(bytes(of: value))
        case .all:
            guard let object = json.object else { throw notAnObject(json, noun) }
            return .members(try members(of: object, noun))
        }
    }

    private static func members(
        of object: JSONObject, _ noun: String
    ) throws(VaultError) -> [(name: String, bytes: SecretBytes)] {
        guard !object.members.isEmpty else {
            throw VaultError(.field, "\(noun) is an empty JSON object, so '#*' names nothing")
        }
        var names: Set<[UInt8]> = []
        for (index, member) in object.members.enumerated() {
            guard names.insert(Array(member.name.utf8)).inserted else {
                throw VaultError(.field, "\(noun) holds one name twice: member \(index + 1) repeats an earlier one")
            }
        }
        return object.members.map { ($0.name, bytes(of: $0.value)) }
    }

    private static func notAnObject(_ json: JSONValue, _ noun: String) -> VaultError {
        VaultError(.field, "\(noun) is a JSON \(json.kindName) and not an object, so it has no named members")
    }

    private static func bytes(of value: JSONValue) -> SecretBytes {
        value.string.map(SecretBytes.init(text:)) ?? SecretBytes(value.serialized())
    }
}
