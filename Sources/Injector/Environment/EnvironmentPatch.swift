import JSON
import SecretSpec

/// Renders what was decided about one container's environment: only what is not as it must be.
struct EnvironmentPatch {
    let container: EnvironmentPlan.Container

    private var view: ContainerView { container.view }

    /// Indices of variables are those before the first one is put in, so additions come last.
    func operations() -> [JSONPatch.Operation] {
        switch container.delivery {
        case .none: []
        case .kubelet: rewritten() + added()
        case .exec: rewritten() + added() + command() + hooks()
        }
    }

    /// What the container mounts for it.
    var mounts: [JSONValue] {
        container.delivery == .exec ? PodFragments.environmentMounts(of: view.name) : []
    }

    /// Whether a variable is the annotation's as it is added, by either way.
    static func isAdded(_ entry: JSONValue, _ variable: PodRequest.Variable, to container: ContainerView) -> Bool {
        if entry["valueFrom"].map({ $0 != .null }) ?? false {
            return PatchBuilder.contains(entry, ["valueFrom": KubeletFile.valueFrom(variable.name, of: container.name)])
        }
        return entry["value"]?.string?.isSameText(as: variable.text.wrapped) ?? false
    }

    private func wanted(_ variable: PodRequest.Variable) -> JSONValue {
        container.delivery == .exec
            ? ["name": .string(variable.name), "value": .string(variable.text.wrapped)]
            : ["name": .string(variable.name), "valueFrom": KubeletFile.valueFrom(variable.name, of: view.name)]
    }

    private func rewritten() -> [JSONPatch.Operation] {
        let path = view.pointer.appending("env")
        let entries = view.environment
        var operations: [JSONPatch.Operation] = []
        for variable in container.own {
            guard case .text(let text) = variable.content, entries.indices.contains(variable.place) else { continue }
            let entry = path.appending(variable.place)
            if container.delivery == .kubelet {
                let value = KubeletFile.rewritten(entries[variable.place], of: view.name)
                operations.append(.replace(path: entry, value: value))
            } else if !text.text.isSameText(as: text.wrapped) {
                operations.append(.replace(path: entry.appending("value"), value: .string(text.wrapped)))
            }
        }
        // One that an earlier admission added for the other way to deliver.
        let annotations = Dictionary(container.added.map { (ExactText($0.name), $0) }, uniquingKeysWith: { $1 })
        guard !annotations.isEmpty else { return operations }
        for (place, entry) in entries.enumerated() {
            guard let variable = annotations[ExactText(entry["name"]?.string ?? "")] else { continue }
            let wanted = wanted(variable)
            if !PatchBuilder.contains(entry, wanted) {
                operations.append(.replace(path: path.appending(place), value: wanted))
            }
        }
        return operations
    }

    /// Before all others, so that these may name them by `$(NAME)`.
    private func added() -> [JSONPatch.Operation] {
        let path = view.pointer.appending("env")
        let known = Set(view.environment.map { ExactText($0["name"]?.string ?? "") })
        let missing = container.added.filter { !known.contains(ExactText($0.name)) }.map(wanted)
        guard !missing.isEmpty else { return [] }
        if view.environment.isEmpty { return [.add(path: path, value: .array(missing))] }
        return missing.enumerated().map { .add(path: path.appending($0), value: $1) }
    }

    private func command() -> [JSONPatch.Operation] {
        guard let wrapped = container.command else { return [] }
        var operations: [JSONPatch.Operation] = []
        if view.json["command"] != .array(wrapped.command) {
            operations.append(.add(path: view.pointer.appending("command"), value: .array(wrapped.command)))
        }
        if let args = wrapped.args {
            operations.append(.add(path: view.pointer.appending("args"), value: .array(args)))
        }
        return operations
    }

    private func hooks() -> [JSONPatch.Operation] {
        WrappedCommand.hooks.compactMap { tokens in
            let value = tokens.reduce(view.json as JSONValue?) { $0?[$1] }
            guard let words = WrappedCommand.words(value) else { return nil }
            let wrapped = WrappedCommand.wrapped(words)
            guard wrapped.count != words.count else { return nil }
            return .replace(path: tokens.reduce(view.pointer) { $0.appending($1) }, value: .array(wrapped))
        }
    }
}
