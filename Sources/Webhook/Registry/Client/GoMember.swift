import JSON

extension JSONValue {
    /// The member that a container runtime would see under a name.
    ///
    /// Runtimes decode with Go's encoding/json, which takes names in any case, and a later member for an earlier one. A
    /// document that could be read in two ways is not read. `null` is as good as nothing there.
    /// - Parameter name: in lower case.
    func goMember(_ name: String, in part: ImageError.Part) throws(ImageError) -> JSONValue? {
        guard let object else { throw .malformedAnswer(part) }
        let matching = object.members.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }
        guard matching.count <= 1 else { throw .malformedAnswer(part) }
        guard let value = matching.first?.value, value != .null else { return nil }
        return value
    }

    /// The same for a text; empty as nothing.
    func goText(_ name: String, in part: ImageError.Part) throws(ImageError) -> String? {
        guard let value = try goMember(name, in: part) else { return nil }
        guard let text = value.string else { throw .malformedAnswer(part) }
        return text.isEmpty ? nil : text
    }
}
