import JSON
import SecretSpec

/// Variables that the kubelet reads from a file of ours (`env[].valueFrom.fileKeyRef`, KEP-3721).
enum KubeletFile {
    static func isOurs(_ reference: JSONValue?) -> Bool {
        reference?["volumeName"]?.string?.isSameText(as: PodFragments.Name.environment) ?? false
    }

    /// What stands in the place of a variable's `value`.
    static func valueFrom(_ name: String, of container: String) -> JSONValue {
        [
            "fileKeyRef": [
                "volumeName": .string(PodFragments.Name.environment),
                "path": .string(EnvironmentLayout.kubeletFile(of: container)), "key": .string(name),
            ]
        ]
    }

    /// The variable with that in the place of its value, and whatever else it has.
    static func rewritten(_ variable: JSONValue, of container: String) -> JSONValue {
        var object = variable.object ?? JSONObject()
        object["value"] = nil
        object["valueFrom"] = valueFrom(object["name"]?.string ?? "", of: container)
        return .object(object)
    }

    /// What the plan of an earlier admission of the pod puts into files: there the references are that stood in the
    /// containers. Whoever forges one could as well have written the reference.
    struct Known {
        private let variables: [ExactText: [ExactText: Template]]

        init(_ pod: PodView) {
            let agent = pod.initContainers.first { $0.name == PodFragments.Name.agent }
            let text = agent?.environment.first { $0["name"]?.string == AgentPlan.environmentVariable }?["value"]?
                .string
            guard let text, let json = try? JSONValue(parsing: Array(text.utf8)), let plan = try? AgentPlan(json: json)
            else {
                variables = [:]
                return
            }
            let containers = plan.environments?.containers ?? []
            variables = Dictionary(
                containers.map { container in
                    let values = container.variables.map { (ExactText($0.name), $0.value) }
                    return (ExactText(container.container), Dictionary(values, uniquingKeysWith: { $1 }))
                }, uniquingKeysWith: { $1 })
        }

        /// The variable with its value, where that is known and it takes it from its own place.
        func completed(
            _ variable: ContainerEnvironment.Variable, of container: ContainerView
        ) -> ContainerEnvironment.Variable {
            let entries = container.environment
            guard entries.indices.contains(variable.place),
                PatchBuilder.contains(
                    entries[variable.place], ["valueFrom": KubeletFile.valueFrom(variable.name, of: container.name)])
            else { return variable }
            return ContainerEnvironment.Variable(
                place: variable.place, name: variable.name, key: variable.key, source: variable.source,
                content: .file(variables[ExactText(container.name)]?[ExactText(variable.name)]))
        }
    }
}
