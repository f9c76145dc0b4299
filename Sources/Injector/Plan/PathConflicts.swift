import JSON
import SecretSpec

/// Two secrets that would be written to one place.
enum PathConflicts {
    /// The problems, each at the later of two secrets by name. Linear in the number of path components.
    static func find(_ secrets: [PodRequest.Secret]) -> [InjectionProblem] {
        guard secrets.count > 1 else { return [] }
        var problems: [InjectionProblem] = []
        var files: [ExactText: String] = [:]
        var directories: [ExactText: String] = [:]
        for secret in secrets {
            let path = secret.path
            let text = path.text
            var prefix = ""
            var taken: (name: String, how: String)?
            for component in path.components.dropLast() {
                prefix = prefix.isEmpty ? component : "\(prefix)/\(component)"
                if let name = files[ExactText(prefix)] {
                    taken = (name, "is where \"\(prefix)\", which it would lie in,")
                }
            }
            if let name = files[ExactText(text)] {
                taken = (name, "is where the file or directory")
            } else if !directories.isEmpty, let name = directories[ExactText(text)] {
                taken = (name, "is the directory where a file")
            }
            if let taken {
                problems.append(
                    InjectionProblem(
                        kind: .conflict, key: secret.key,
                        message: "\"\(Shown.text(path.text))\" \(taken.how) of \(AnnotationTable.prefix)secret."
                            + "\(taken.name) belongs; give one of them another \(AnnotationTable.prefix)path.<name>"))
                continue
            }
            files[ExactText(text)] = secret.name
            prefix = ""
            for component in path.components.dropLast() {
                prefix = prefix.isEmpty ? component : "\(prefix)/\(component)"
                directories[ExactText(prefix)] = secret.name
            }
        }
        return problems
    }
}
