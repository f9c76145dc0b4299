import JSON

/// One object of a manifest with what a List leaves out filled in.
struct ManifestObject {
    let document: Int
    let pointer: JSONPointer
    let apiVersion: String
    let kind: String
    let value: JSONValue

    /// Every object of the documents: Lists are opened, at any depth.
    static func all(in documents: [JSONValue]) -> [ManifestObject] {
        documents.enumerated().flatMap { index, document in
            objects(in: document, document: index + 1, pointer: JSONPointer(), inherited: nil)
        }
    }

    private static func objects(
        in value: JSONValue, document: Int, pointer: JSONPointer, inherited: (apiVersion: String, kind: String)?
    ) -> [ManifestObject] {
        guard value.object != nil else { return [] }
        let kind = value["kind"]?.string ?? inherited?.kind ?? ""
        let apiVersion = value["apiVersion"]?.string ?? inherited?.apiVersion ?? ""
        guard kind.hasSuffix("List"), let items = value["items"]?.array else {
            return [
                ManifestObject(document: document, pointer: pointer, apiVersion: apiVersion, kind: kind, value: value)
            ]
        }
        // The items of a typed list (PodList) do not repeat its kind; those of a `v1` List have their own.
        let itemKind = String(kind.dropLast("List".count))
        return items.enumerated().flatMap { index, item in
            objects(
                in: item, document: document, pointer: pointer.appending("items").appending(index),
                inherited: itemKind.isEmpty ? nil : (apiVersion, itemKind))
        }
    }

    var namespace: String? { value["metadata"]?["namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 } }

    var name: String {
        let metadata = value["metadata"]
        return metadata?["name"]?.string ?? metadata?["generateName"]?.string.map { $0 + "*" } ?? "(without a name)"
    }

    /// The object as a workload; nil where it makes no pods.
    var workload: Workload? {
        guard let path = WorkloadKind.templatePath(apiVersion: apiVersion, kind: kind),
            let pod = value.value(at: JSONPointer(path)), pod.object != nil
        else { return nil }
        return Workload(
            document: document, object: pointer, template: JSONPointer(pointer.tokens + path), kind: kind,
            namespace: namespace, name: name, pod: pod)
    }

    /// The annotations whose values are strings.
    var annotations: [String: String] {
        let members = value["metadata"]?["annotations"]?.object?.members ?? []
        return Dictionary(
            members.compactMap { member in member.value.string.map { (member.name, $0) } }, uniquingKeysWith: { $1 })
    }
}
