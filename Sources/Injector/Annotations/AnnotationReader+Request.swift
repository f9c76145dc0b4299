import JSON
import SecretSpec

extension AnnotationReader {
    private static let secretKey = AnnotationTable.prefix + "secret."
    private static let templateKey = AnnotationTable.prefix + "template."

    /// The request; problems that only the whole shows are added to ``problems``.
    mutating func request() -> PodRequest {
        checkNames()
        var request = partial
        let pathByName = Dictionary(paths, uniquingKeysWith: { $1 })
        let modeByName = Dictionary(modes, uniquingKeysWith: { $1 })
        let onChangeByName = Dictionary(onChanges, uniquingKeysWith: { $1 })
        request.files.reserveCapacity(references.count + templates.count)
        func add(_ prefix: String, _ name: String, _ content: AgentPlan.File.Content) {
            let key = prefix + name
            guard let path = (pathByName.isEmpty ? nil : pathByName[name]) ?? RelativePath(name) else {
                problem(
                    .badAnnotation, key,
                    "the name is not \(RelativePath.accepted); "
                        + "give a file name with \(AnnotationTable.prefix)path.\(name)")
                return
            }
            request.files.append(
                PodRequest.File(
                    key: key, name: name, content: content, path: path,
                    mode: modeByName.isEmpty ? nil : modeByName[name],
                    onChange: onChangeByName.isEmpty ? nil : onChangeByName[name]))
        }
        for case (let name, let reference?) in references { add(Self.secretKey, name, .reference(reference)) }
        for (name, template) in parsedTemplates() { add(Self.templateKey, name, .template(template)) }
        request.variables = requestedVariables()
        request.azureVaults = Self.azureVaults(request)
        return request
    }

    /// `path`, `mode` and `on-change` of a name that no file has, and names that two files have.
    private mutating func checkNames() {
        let parts =
            paths.map { ("path", $0.name) } + modes.map { ("mode", $0.name) } + onChanges.map { ("on-change", $0.name) }
        guard !parts.isEmpty || !templates.isEmpty else { return }
        let secrets = Set(references.map(\.name))
        for (name, _) in templates where secrets.contains(name) {
            problem(
                .conflict, Self.templateKey + name,
                "there is \(Self.secretKey)\(name) as well, and path.\(name), mode.\(name) and on-change.\(name) "
                    + "could mean either; give one of them another name")
        }
        let names = secrets.union(templates.map(\.name))
        for (kind, name) in parts where !names.contains(name) {
            problem(
                .badAnnotation, "\(AnnotationTable.prefix)\(kind).\(name)",
                "there is no \(Self.secretKey)\(name) or \(Self.templateKey)\(name) that it could belong to")
        }
    }

    private mutating func parsedTemplates() -> [(String, Template)] {
        guard !templates.isEmpty else { return [] }
        let named = Dictionary(references.map { (ExactText($0.name), $0.reference) }, uniquingKeysWith: { $1 })
        var parsed: [(String, Template)] = []
        for case (let name, let text?) in templates {
            switch Template.parse(text, as: .file, named: { named[ExactText($0)] ?? nil }) {
            case .success(let template): parsed.append((name, template))
            case .failure(let problems):
                for found in problems.all {
                    // What is wrong with a secret is said where it stands.
                    if case .unknownName(let other) = found, named[ExactText(other)] != nil { continue }
                    var kind = InjectionProblem.Kind.badAnnotation
                    if case .reference = found { kind = .badReference }
                    problem(kind, Self.templateKey + name, Shown.sentence("the text \(found)"))
                }
                if problems.further > 0 {
                    problem(
                        .badAnnotation, Self.templateKey + name,
                        "the text has \(problems.further) more problems, which are not shown; mend the first and see "
                            + "them then")
                }
            }
        }
        return parsed
    }

    private static func azureVaults(_ request: PodRequest) -> [String] {
        var vaults: [String] = []
        var seen: Set<String> = []
        request.forEachReference { reference, _ in
            guard reference.object.scheme == "akv" else { return }
            let vault = reference.object.authority.asciiLowercased
            // Most pods name one vault, and name it again and again.
            if vault != vaults.last, seen.insert(vault).inserted { vaults.append(vault) }
        }
        return vaults
    }
}
