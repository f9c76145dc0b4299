import JSON
import SecretSpec
import VaultClient

/// What the containers' environments need, with what their sources hold now.
struct EnvironmentNeeds: Sendable {
    /// A value to resolve.
    struct Item: Sendable {
        /// Who asks for it, as reactions name it.
        let source: String
        /// The same for messages, perhaps more exact.
        let place: String
        /// The text to replace, or with ``AgentPlan/Environment/Delivery/kubelet`` the variable's name.
        let key: String
        let template: Template
    }

    /// What one container needs.
    struct Container: Sendable {
        let environment: AgentPlan.Environment
        fileprivate(set) var items: [Item] = []
    }

    private(set) var containers: [Container] = []
    private var problems = EnvironmentProblems()

    /// Reads the sources.
    init(_ plan: AgentPlan) throws(EnvironmentProblems) {
        var reader = SourceReader()
        for environment in plan.environments?.containers ?? [] {
            var container = Container(environment: environment)
            add(environment.placeholders, to: &container)
            container.items += environment.variables.map { variable in
                Item(
                    source: variable.source, place: variable.source, key: variable.name, template: variable.value)
            }
            for source in environment.sources { add(source, to: &container, &reader) }
            containers.append(container)
        }
        guard problems.isEmpty else { throw problems }
    }

    /// Everything that is to be fetched, each with the place that asks for it.
    var references: [(source: String, reference: SecretReference)] {
        containers.flatMap { container in
            container.items.flatMap { item in item.template.references.map { (item.place, $0) } }
                + container.environment.keySets.map { ($0.source, $0.reference) }
        }
    }

    private mutating func add(_ placeholders: [AgentPlan.Environment.Placeholder], to container: inout Container) {
        for placeholder in placeholders {
            let key = "${\(placeholder.text)}"
            switch Template.parse(key, as: .environment) {
            case .success(let template) where template.isOnePlaceholder:
                container.items.append(
                    Item(source: placeholder.source, place: placeholder.source, key: key, template: template))
            case .success: problems.add("\(placeholder.source): '\(placeholder.text)' is no reference")
            case .failure(let found): for problem in found.all { problems.add("\(placeholder.source) \(problem)") }
            }
        }
    }

    private mutating func add(
        _ source: AgentPlan.Environment.Source, to container: inout Container, _ reader: inout SourceReader
    ) {
        let values: [SourceReader.Value]
        do throws(SystemError) {
            values = try reader.values(of: source)
        } catch {
            problems.add(
                "\(source.name): \(WriteError(error, in: AtomicDirectory(path: source.directory, group: nil)))")
            return
        }
        for value in values where Template.mayHoldReference(value.bytes) {
            add(value, of: source, to: &container)
        }
    }

    private mutating func add(
        _ value: SourceReader.Value, of source: AgentPlan.Environment.Source, to container: inout Container
    ) {
        let place = "\(source.name), key \(value.key)"
        guard let text = value.bytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            problems.add("\(place): holds a reference to a secret and is not UTF-8 text: correct it")
            return
        }
        let found: [(key: String, template: Template)]
        switch Template.placeholders(of: text) {
        case .success(let placeholders): found = placeholders
        case .failure(let wrong):
            for problem in wrong.all { problems.add("\(place) \(problem)") }
            return
        }
        guard container.environment.delivery == .exec || found.isEmpty else {
            problems.add(
                "\(place) is a reference to a secret or holds one, and the environment of the container "
                    + "\(container.environment.container) comes from it: state latchkey.dev/env-delivery: exec, or "
                    + "move the reference to the pod's env")
            return
        }
        container.items += found.map { Item(source: source.name, place: place, key: $0.key, template: $0.template) }
    }
}
