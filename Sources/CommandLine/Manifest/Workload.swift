import JSON

/// An object of a manifest that makes pods, and where its pod template is.
struct Workload: Equatable {
    /// The document that it is in, from 1.
    let document: Int
    /// Where the object is in the document: the root, or an element of a List.
    let object: JSONPointer
    /// Where the pod template is in the document; of a bare Pod the object itself.
    let template: JSONPointer
    let kind: String
    /// The object's own namespace, or nil where it leaves that to whoever creates it.
    let namespace: String?
    /// The name, or the generated name's beginning and `*`.
    let name: String
    /// The template as the manifest has it: `metadata` and `spec` of the pod.
    let pod: JSONValue

    /// For messages: `document 2, Deployment shop/api`.
    var title: String {
        "document \(document), \(kind) \(namespace.map { $0 + "/" } ?? "")\(name)"
    }
}
