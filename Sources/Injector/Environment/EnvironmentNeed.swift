import JSON

/// Whether a pod's commands and environments will be changed, so that all of it must be read. Quick, and true of every
/// such pod: it is asked of pods that want nothing too.
enum EnvironmentNeed {
    static func isIn(_ pod: JSONValue?) -> Bool {
        guard let pod else { return false }
        let metadata = pod["metadata"]
        let annotations = metadata?["annotations"]?.object?.members ?? []
        if annotations.contains(where: { $0.name.utf8.starts(with: "\(AnnotationTable.prefix)env".utf8) }) {
            return true
        }
        let inject = "\(AnnotationTable.prefix)inject"
        let isExplicit = ["annotations", "labels"].contains { metadata?[$0]?[inject]?.string == "true" }
        return ["initContainers", "containers"].contains { list in
            (pod["spec"]?[list]?.array ?? []).contains { container in
                if isExplicit, !(container["envFrom"]?.array ?? []).isEmpty { return true }
                return (container["env"]?.array ?? []).contains { variable in
                    if let text = variable["value"]?.string { return EnvironmentText.holdsReference(text) }
                    guard let source = variable["valueFrom"] else { return false }
                    return isExplicit || KubeletFile.isOurs(source["fileKeyRef"])
                }
            }
        }
    }
}
