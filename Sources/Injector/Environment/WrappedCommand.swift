import JSON
import SecretSpec

/// A container's command behind `latchkey-exec`.
struct WrappedCommand: Sendable {
    /// All words that stand before a wrapped command.
    static let prefix: [JSONValue] = ExecCommand.wrapping(
        [], environment: PodFragments.Path.environment,
        executable: "\(PodFragments.Path.executables)/\(EnvironmentLayout.executable)"
    ).map { .string($0) }

    /// What `command` must be.
    let command: [JSONValue]
    /// What `args` must be; nil leaves them as they are.
    let args: [JSONValue]?

    /// The container's command, where the pod states it.
    init?(of container: ContainerView) {
        guard let words = Self.words(container.json["command"]) else { return nil }
        command = Self.wrapped(words)
        args = nil
    }

    /// The command of the container's image, which Kubernetes would not expand. `args` of the pod take the place of the
    /// image's `CMD`; nil where there is nothing to run
    /// (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/).
    init?(of container: ContainerView, image: ImageCommand) {
        func words(_ words: [String]) -> [JSONValue] { words.map { .string(ExecCommand.unexpanded($0)) } }
        command = Self.prefix + words(image.entrypoint)
        args = Self.words(container.json["args"]) == nil && !image.cmd.isEmpty ? words(image.cmd) : nil
        if image.entrypoint.isEmpty, args == nil, Self.words(container.json["args"]) == nil { return nil }
    }

    /// The words of a command with ours before them, once.
    static func wrapped(_ words: [JSONValue]) -> [JSONValue] { words.starts(with: prefix) ? words : prefix + words }

    /// A list of words that has any: an empty one counts as none, as it does to Kubernetes.
    static func words(_ value: JSONValue?) -> [JSONValue]? {
        guard let words = value?.array, !words.isEmpty else { return nil }
        return words
    }

    /// Where else in a container commands stand that its environment is there for.
    static let hooks = [
        ["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"], ["lifecycle", "preStop"],
    ].map { $0 + ["exec", "command"] }
}
