import JSON
import SecretSpec
import VaultClient

/// One container's environment file, ready to be written.
struct PreparedEnvironment: Sendable {
    /// What a value is for: to tell whose value has changed without keeping it.
    struct Slot: Hashable, Sendable {
        let source: String
        let key: ExactText
    }

    let environment: AgentPlan.Environment
    /// Nil where it needs an object that was removed: then nobody is to start with it.
    let bytes: SecretBytes?
    /// A hash of each value, keyed for this process alone.
    let fingerprints: [Slot: Int]

    var container: String { environment.container }
    /// Who asked for something, each once.
    var sources: Set<String> { Set(fingerprints.keys.map(\.source)) }

    /// Those whose values are not as they were; all where that is not known.
    func changedSources(since earlier: [Slot: Int]?) -> Set<String> {
        guard let earlier else { return sources }
        let changed = fingerprints.filter { earlier[$0.key] != $0.value }.keys
        let gone = earlier.keys.filter { fingerprints[$0] == nil }
        return Set((changed + gone).map(\.source))
    }
}
