import JSON
import SecretSpec

/// Two files that would be written to one place.
enum PathConflicts {
    /// The problems, each at the later of two by name. Linear in the number of path components.
    static func find(_ requested: [PodRequest.File]) -> [InjectionProblem] {
        guard requested.count > 1 else { return [] }
        var problems: [InjectionProblem] = []
        var files: [ExactText: String] = [:]
        var directories: [ExactText: String] = [:]
        for file in requested {
            let path = file.path
            let text = path.text
            var prefix = ""
            var taken: (key: String, how: String)?
            for component in path.components.dropLast() {
                prefix = prefix.isEmpty ? component : "\(prefix)/\(component)"
                if let key = files[ExactText(prefix)] {
                    taken = (key, "is where \"\(prefix)\", which it would lie in,")
                }
            }
            if let key = files[ExactText(text)] {
                taken = (key, "is where the file or directory")
            } else if !directories.isEmpty, let key = directories[ExactText(text)] {
                taken = (key, "is the directory where a file")
            }
            if let taken {
                problems.append(
                    InjectionProblem(
                        kind: .conflict, key: file.key,
                        message: "\"\(Shown.text(path.text))\" \(taken.how) of \(taken.key) belongs; "
                            + "give one of them another \(AnnotationTable.prefix)path.<name>"))
                continue
            }
            files[ExactText(text)] = file.key
            prefix = ""
            for component in path.components.dropLast() {
                prefix = prefix.isEmpty ? component : "\(prefix)/\(component)"
                directories[ExactText(prefix)] = file.key
            }
        }
        return problems
    }
}
