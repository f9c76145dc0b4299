import JSON

/// Whether a pod's commands and environments will be changed, so that all of it must be read. Quick, and true of every
/// such pod: it is asked of pods that want nothing too.
enum EnvironmentNeed {
    private static let environment = AnnotationTable.prefix + AnnotationTable.environment.key
    private static let inject = AnnotationTable.prefix + AnnotationTable.inject.key

    static func isIn(_ pod: JSONValue?) -> Bool {
        guard let pod else { return false }
        let metadata = pod["metadata"]
        let annotations = metadata?["annotations"]?.object?.members ?? []
        if annotations.contains(where: { $0.name.hasPrefix(bytes: environment) }) {
            return true
        }
        let isExplicit =
            metadata?["annotations"]?[inject]?.string == "true" || metadata?["labels"]?[inject]?.string == "true"
        func isIn(_ containers: JSONValue?) -> Bool {
            (containers?.array ?? []).contains { container in
                if isExplicit, !(container["envFrom"]?.array ?? []).isEmpty { return true }
                return (container["env"]?.array ?? []).contains { variable in
                    if let text = variable["value"]?.string { return EnvironmentText.holdsReference(text) }
                    guard let source = variable["valueFrom"] else { return false }
                    return isExplicit || KubeletFile.isOurs(source["fileKeyRef"])
                }
            }
        }
        return isIn(pod["spec"]?["initContainers"]) || isIn(pod["spec"]?["containers"])
    }
}
