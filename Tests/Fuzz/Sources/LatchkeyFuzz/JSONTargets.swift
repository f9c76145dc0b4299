import JSON

extension FuzzTarget {
    /// What is parsed is printed and parsed back as an equal value and as equal bytes.
    static let json = FuzzTarget(name: "json") { bytes in
        guard let value = try? JSONValue(parsing: bytes) else { return }
        let printed = value.serialized()
        let again = must("printed JSON is JSON") { try JSONValue(parsing: printed) }
        require(again == value, "printed JSON is equal")
        require(again.serialized() == printed, "printed JSON is printed alike")
    }

    static let pointer = FuzzTarget(name: "pointer") { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let document: JSONValue = ["a": [1, ["b": 2]], "~": ["/": "", "": 0]]
        guard let pointer = JSONPointer(parsing: text) else { return }
        require(Array(pointer.description.utf8) == bytes, "a pointer is written as it was read")
        _ = document.value(at: pointer)
        _ = try? JSONPatch([.remove(path: pointer)]).applied(to: document)
    }

    /// `[document, patch]`: a result can be printed and parsed.
    static let patch = FuzzTarget(name: "patch") { bytes in
        guard let pair = (try? JSONValue(parsing: bytes))?.array, pair.count == 2, let patch = try? JSONPatch(pair[1])
        else {
            return
        }
        let again = must("a patch is read back") { try JSONPatch(JSONValue(parsing: patch.document.serialized())) }
        require(again == patch, "a patch is read back as it was")
        guard let result = try? patch.applied(to: pair[0]) else { return }
        let parsed = must("a patched document is JSON") { try JSONValue(parsing: result.serialized()) }
        require(parsed == result, "a patched document is read back as it was")
    }
}
