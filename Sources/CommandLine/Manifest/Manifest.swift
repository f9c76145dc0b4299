import JSON
import YAML

/// The documents of one input.
struct Manifest {
    /// Every document in its order; an empty one is null.
    var documents: [JSONValue]
    /// How the input was written.
    let format: ManifestFormat

    /// Reads YAML or JSON; the error names line and column.
    init(parsing bytes: [UInt8]) throws(YAMLError) {
        documents = try YAMLDocuments.parse(bytes)
        let isJSON = documents.count == 1 && (try? JSONValue(parsing: bytes)) != nil
        format = isJSON ? .json : .yaml
    }

    init(documents: [JSONValue], format: ManifestFormat) {
        self.documents = documents
        self.format = format
    }

    /// The documents that are not empty. As JSON, several become one `v1` List, as kubectl prints them.
    func printed(as format: ManifestFormat) -> [UInt8] {
        let present = documents.filter { $0 != .null }
        switch format {
        case .yaml:
            return YAMLDocuments.print(present)
        case .json:
            guard let first = present.first else { return [] }
            guard present.count > 1 else { return JSONPrettyPrinter.print(first) }
            return JSONPrettyPrinter.print(["apiVersion": "v1", "items": .array(present), "kind": "List"])
        }
    }
}
