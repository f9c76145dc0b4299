import JSON
import SecretSpec

extension AnnotationReader {
    /// Reads what a container's environment has that concerns us: a reference must never be started as a literal value.
    mutating func readEnvironment(_ container: ContainerView) {
        var found: [ContainerEnvironment.Variable] = []
        for (place, variable) in container.environment.enumerated() {
            let name = variable["name"]?.string ?? ""
            let content: ContainerEnvironment.Variable.Content
            let key = "spec.\(container.list)[\(container.index)].env[\(Shown.text(name))]"
            if let text = variable["value"]?.string, EnvironmentText.holdsReference(text) {
                isSelected = true
                switch EnvironmentText.parse(text) {
                case .success(let text): content = .text(text)
                case .failure(let problems):
                    for found in problems.all { problem(found.kind, key, Shown.sentence("the value \(found.phrase)")) }
                    continue
                }
            } else if KubeletFile.isOurs(variable["valueFrom"]?["fileKeyRef"]) {
                isSelected = true
                content = .file(nil)
            } else {
                continue
            }
            let source = "env \(name) of container \(container.name)"
            found.append(.init(place: place, name: name, key: key, source: source, content: content))
        }
        guard !found.isEmpty else { return }
        guard !container.isAgent else {
            problem(
                .conflict, "spec.\(container.list)[\(container.index)].env",
                "\(container.name) is the name of a container of the agent's own, which takes no reference; take another"
            )
            return
        }
        partial.environments.append(
            ContainerEnvironment(list: container.list, index: container.index, variables: found))
    }

    /// What a selected pod's containers take from ConfigMaps and Secrets, and what an earlier admission has put into
    /// files.
    mutating func readSources(_ pod: PodView) {
        let found = partial.environments
        partial.environments = []
        var next = found.startIndex
        var plan: KubeletFile.Known?
        for container in pod.allContainers where !container.isAgent {
            var environment = ContainerEnvironment(list: container.list, index: container.index)
            if next < found.endIndex, found[next].isOf(container) {
                environment = found[next]
                next += 1
            }
            for place in environment.variables.indices {
                guard case .file(nil) = environment.variables[place].content else { continue }
                let known = plan ?? KubeletFile.Known(pod)
                plan = known
                environment.variables[place] = known.completed(environment.variables[place], of: container)
            }
            environment.sources = SourceUse.all(in: container)
            guard !environment.variables.isEmpty || !environment.sources.isEmpty else { continue }
            partial.environments.append(environment)
        }
    }

    /// The variables of the annotations, by name.
    mutating func requestedVariables() -> [PodRequest.Variable] {
        variables.compactMap { name, text in
            let key = "\(AnnotationTable.prefix)env.\(name)"
            let shown = Shown.text(key)
            guard VariableName.isValid(name) else {
                problem(
                    .badAnnotation, shown,
                    "the name is none of an environment variable: \(VariableName.accepted)")
                return nil
            }
            guard EnvironmentText.holdsReference(text) else {
                problem(
                    .badReference, shown,
                    "\"\(Shown.text(text))\" holds no reference; write a plain value into the container's env")
                return nil
            }
            switch EnvironmentText.parse(text) {
            case .success(let text): return PodRequest.Variable(key: key, name: name, text: text)
            case .failure(let problems):
                for found in problems.all { problem(found.kind, shown, Shown.sentence("the value \(found.phrase)")) }
                return nil
            }
        }
    }
}
