import JSON
import SecretSpec

/// What a container has in its own environment that concerns us.
struct ContainerEnvironment: Sendable {
    /// A variable in the container's `env` with a secret in it.
    struct Variable: Sendable {
        /// What it is made of.
        enum Content: Sendable {
            case text(EnvironmentText)
            /// It comes from a file of ours already; nil where no plan in the pod says with what.
            case file(Template?)
        }

        /// Its place in `env`, where the pod was read whole.
        let place: Int
        let name: String
        /// The field, for messages about the pod.
        let key: String
        /// The same for the agent; it does not tell the container's place, which changes with the agent's own.
        let source: String
        let content: Content

        var template: Template? {
            switch content {
            case .text(let text): text.template
            case .file(let template): template
            }
        }

        /// Whether it is this annotation's, as it looks when it has been added.
        func isAdded(_ variable: PodRequest.Variable) -> Bool {
            guard name.isSameText(as: variable.name) else { return false }
            switch content {
            case .text(let text): return text.text.isSameText(as: variable.text.wrapped)
            case .file: return true
            }
        }
    }

    /// `containers` or `initContainers`.
    let list: String
    let index: Int
    var variables: [Variable] = []
    var sources: [SourceUse] = []

    func isOf(_ container: ContainerView) -> Bool { container.index == index && container.list == list }
}

/// A ConfigMap or a Secret.
struct SourceObject: Hashable, Sendable {
    enum Kind: String, Sendable {
        case configMap = "ConfigMap"
        case secret = "Secret"
    }

    let kind: Kind
    let name: ExactText

    /// E.g. `ConfigMap shop-settings`.
    var text: String { "\(kind.rawValue) \(name.text)" }
}

/// What a container takes from a ConfigMap or a Secret.
struct SourceUse: Sendable {
    let object: SourceObject
    /// In the container's order; nil for all.
    var keys: [String]?

    /// What a container takes by `envFrom` and by `env[].valueFrom`, once for each object. Linear.
    static func all(in container: ContainerView) -> [SourceUse] {
        var uses: [SourceUse] = []
        var places: [SourceObject: Int] = [:]
        var seen: [Set<ExactText>] = []
        func add(_ kind: SourceObject.Kind, _ reference: JSONValue?, isWhole: Bool) {
            guard let name = reference?["name"]?.string, !name.isEmpty else { return }
            let object = SourceObject(kind: kind, name: ExactText(name))
            let place = places[object] ?? uses.count
            if place == uses.count {
                places[object] = place
                uses.append(SourceUse(object: object, keys: []))
                seen.append([])
            }
            if isWhole { uses[place].keys = nil }
            guard !isWhole, let key = reference?["key"]?.string, seen[place].insert(ExactText(key)).inserted else {
                return
            }
            uses[place].keys?.append(key)
        }
        for source in container.json["envFrom"]?.array ?? [] {
            add(.configMap, source["configMapRef"], isWhole: true)
            add(.secret, source["secretRef"], isWhole: true)
        }
        for variable in container.environment {
            guard let source = variable["valueFrom"] else { continue }
            add(.configMap, source["configMapKeyRef"], isWhole: false)
            add(.secret, source["secretKeyRef"], isWhole: false)
        }
        return uses
    }
}
