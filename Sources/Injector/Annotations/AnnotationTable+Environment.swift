import JSON
import SecretSpec

/// The rows about environment variables.
extension AnnotationTable {
    static let environment = Annotation<String>(
        key: "env", shape: .perName("NAME"),
        accepted: "a reference, or a text with `${<reference>}` or `${<reference>|<filter>}`",
        absent: "no variable",
        meaning: "Adds the environment variable `NAME` to the containers, before those that they have themselves. A "
            + "reference, or a text with `${<reference>}`, that stands in a container's own `env` is resolved likewise "
            + "and needs no annotation. `$${` before a reference is a literal `${`; `$(OTHER)` means what it means in "
            + "any pod.",
        parse: nonEmpty)

    static let environmentFrom = Annotation<SecretReference>(
        key: "env-from", shape: .perName("name"), accepted: "a reference that ends in `#*`",
        absent: "no variables",
        meaning:
            "Adds every key of a JSON secret as an environment variable. What the container's own `env` states wins "
            + "over it; of two secrets with one key the later name wins.",
        parse: { text in
            do throws(ReferenceProblem) {
                let reference = try SecretReference(parsing: text)
                guard reference.field == .all else {
                    return .failure(
                        .init(phrase: "names one value; end it in '#*', or take \(prefix)env.<NAME> for one variable"))
                }
                return .success(reference)
            } catch {
                return .failure(.init(phrase: error.description))
            }
        })

    static let environmentDelivery = Annotation<EnvironmentChoice>(
        key: "env-delivery", shape: .plain,
        accepted: EnvironmentChoice.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
        absent: "`auto`",
        meaning: "How secrets get into environments. `exec` puts `latchkey-exec` before the container's command, exec "
            + "probes and exec hooks; it replaces references by their values and becomes the command. `kubelet` has the "
            + "kubelet read them from a file (`fileKeyRef`, Kubernetes 1.35); it changes no command, but cannot do "
            + "`env-from`, nor a reference that comes from a ConfigMap or Secret or stands beside `$(NAME)`. `auto` is "
            + "`exec` where the pod states the command, else `kubelet` where that can be, else `exec` with the command "
            + "of the image where the operator lets registries be asked. Stated, or with `inject: \"true\"`, references "
            + "that come by `envFrom` and `valueFrom` from ConfigMaps and Secrets are resolved too; otherwise such a "
            + "reference stops the start.",
        parse: { text in
            EnvironmentChoice.allCases.first { $0.rawValue.isSameText(as: text) }.map(Result.success)
                ?? .failure(.init(phrase: "is none of auto, exec and kubelet"))
        })

    @Sendable private static func nonEmpty(_ text: String) -> Result<String, Annotation<String>.Fault> {
        text.isEmpty ? .failure(.init(phrase: "is empty; give the variable a reference")) : .success(text)
    }
}
