extension JSONPatch {
    /// Reads a patch document. Members it does not define are ignored, as RFC 6902, 4 says.
    public init(_ document: JSONValue) throws(JSONPatchError) {
        guard let elements = document.array else {
            throw .malformed(index: nil, problem: "is \(document.kindName), not an array")
        }
        operations = []
        for (index, element) in elements.enumerated() {
            operations.append(try JSONPatch.operation(element, index: index))
        }
    }

    private static func operation(_ element: JSONValue, index: Int) throws(JSONPatchError) -> Operation {
        /// RFC 6902, 4 wants exactly one of each member that it defines (A.13 shows what becomes of two).
        func member(_ name: String) throws(JSONPatchError) -> JSONValue? {
            let found = element.object?.members.filter { $0.name.isSameText(as: name) } ?? []
            guard found.count < 2 else { throw .malformed(index: index, problem: "has '\(name)' twice") }
            return found.first?.value
        }
        func text(_ name: String) throws(JSONPatchError) -> String {
            guard let text = try member(name)?.string else {
                throw .malformed(index: index, problem: "has no string '\(name)'")
            }
            return text
        }
        func pointer(_ name: String) throws(JSONPatchError) -> JSONPointer {
            guard let pointer = JSONPointer(parsing: try text(name)) else {
                throw .malformed(index: index, problem: "has no JSON Pointer in '\(name)'")
            }
            return pointer
        }
        func value() throws(JSONPatchError) -> JSONValue {
            guard let value = try member("value") else { throw .malformed(index: index, problem: "has no 'value'") }
            return value
        }
        let name = try text("op")
        switch name {
        case "add": return .add(path: try pointer("path"), value: try value())
        case "remove": return .remove(path: try pointer("path"))
        case "replace": return .replace(path: try pointer("path"), value: try value())
        case "move": return .move(from: try pointer("from"), path: try pointer("path"))
        case "copy": return .copy(from: try pointer("from"), path: try pointer("path"))
        case "test": return .test(path: try pointer("path"), value: try value())
        default: throw .malformed(index: index, problem: "has an unknown 'op'")
        }
    }

    /// The patch document.
    public var document: JSONValue {
        .array(
            operations.map { operation in
                switch operation {
                case .add(let path, let value):
                    ["op": "add", "path": .string(path.description), "value": value]
                case .remove(let path):
                    ["op": "remove", "path": .string(path.description)]
                case .replace(let path, let value):
                    ["op": "replace", "path": .string(path.description), "value": value]
                case .move(let from, let path):
                    ["op": "move", "from": .string(from.description), "path": .string(path.description)]
                case .copy(let from, let path):
                    ["op": "copy", "from": .string(from.description), "path": .string(path.description)]
                case .test(let path, let value):
                    ["op": "test", "path": .string(path.description), "value": value]
                }
            })
    }
}
