public import JSON

extension YAMLDocuments {
    /// How much aliases may stand for in one text, in bytes of what they are written out to.
    public static let maximumExpansion = 4 << 20

    /// Every document of a text, an empty one as null. JSON is taken too, each of its texts being YAML here.
    ///
    /// Scalars without quotes are resolved as sigs.k8s.io/yaml does (YAML 1.1 booleans, octal `0644`, timestamps stay
    /// strings); a number keeps its text where that is JSON's grammar. Aliases are bounded by ``maximumExpansion``, the
    /// depth by ``JSON/JSONValue/maximumDepth``, the cost is linear in the text and what its aliases stand for.
    public static func parse(_ bytes: [UInt8]) throws(YAMLError) -> [JSONValue] {
        if bytes.isEmpty { return [] }
        // JSON that YAML 1.1 does not take exists: surrogate pairs as escapes, some control characters.
        if let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let value = try? JSONValue(parsing: bytes), !value.hasRepeatedNames
        {
            return [value]
        }
        let result: Result<[JSONValue], YAMLError> = bytes.withUnsafeBufferPointer { text in
            var composer = YAMLComposer(YAMLEventReader(text))
            do throws(YAMLError) {
                return .success(try composer.documents())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension JSONValue {
    /// Whether an object in it has a name twice; YAML's reader then says where.
    fileprivate var hasRepeatedNames: Bool {
        switch self {
        case .object(let object):
            Set(object.members.map { Array($0.name.utf8) }).count != object.members.count
                || object.members.contains { $0.value.hasRepeatedNames }
        case .array(let elements): elements.contains { $0.hasRepeatedNames }
        default: false
        }
    }
}
