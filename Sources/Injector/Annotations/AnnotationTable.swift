import SecretSpec

typealias SecretReferenceValue = SecretReference

/// Every annotation there is. `docs/annotations.md` is made from it, and a key that is not in it denies the pod.
enum AnnotationTable {
    /// What all keys begin with; also of the `inject` label.
    static let prefix = "latchkey.dev/"

    static let inject = Annotation<Bool>(
        key: "inject", shape: .plain, accepted: "\"true\" or \"false\"",
        absent: "any other annotation of this table opts in",
        meaning:
            "Opts the pod in or out; annotation and pod label alike, and \"false\" in either wins over everything. "
            + "The label is what an `objectSelector` can see, so that only pods that carry it wait for the webhook.",
        parse: { text in
            switch text {
            case "true": .success(true)
            case "false": .success(false)
            default: .failure(.init(phrase: "is neither \"true\" nor \"false\""))
            }
        })

    static let secret = Annotation<SecretReference>(
        key: "secret", shape: .perName("name"), accepted: "a reference",
        absent: "no file",
        meaning: "Writes what the reference points to into the file `<mount-path>/<name>`; "
            + "with `#*` one file per key of the JSON secret into the directory `<mount-path>/<name>/`.",
        parse: { text in
            do throws(ReferenceProblem) {
                return .success(try SecretReference(parsing: text))
            } catch {
                return .failure(.init(phrase: error.description))
            }
        })

    static let template = Annotation<String>(
        key: "template", shape: .perName("name"),
        accepted: "a text with `${<reference>}`, `${<name of a secret.*>}` or `${...|<filter>}`, the filter one of "
            + "\(Template.Filter.allCases.map(\.rawValue).joined(separator: ", "))",
        absent: "no file",
        meaning: "Writes the text, with the secrets put in, into the file `<mount-path>/<name>`. A reference that ends "
            + "in `#*` needs the filter `dotenv` or `properties`. `$${` is a literal `${`. A `secret.<name>` that is "
            + "named here is a file of its own as well.",
        parse: { text in
            text.isEmpty ? .failure(.init(phrase: "is empty; give the file a text")) : .success(text)
        })

    static let path = Annotation<RelativePath>(
        key: "path", shape: .perName("name"), accepted: RelativePath.accepted,
        absent: "the name",
        meaning: "Another file name, below `mount-path`, for `secret.<name>` or `template.<name>`.",
        parse: { text in
            RelativePath(text).map(Result.success)
                ?? .failure(.init(phrase: "is not \(RelativePath.accepted)"))
        })

    static let mode = Annotation<UInt32>(
        key: "mode", shape: .perName("name"), accepted: "an octal number from 0 to 777, such as 0400",
        absent: "the narrowest of 0400, 0440 and 0444 that every container with the files can read",
        meaning:
            "The permission bits of `secret.<name>` or `template.<name>`. A mode that would leave the file unreadable to a container that "
            + "mounts it denies the pod.",
        parse: { text in
            let digits = text.utf8
            guard 1...4 ~= digits.count, let bits = UInt32(text, radix: 8), bits <= 0o777, digits.first != 0x2B else {
                return .failure(.init(phrase: "is not an octal number from 0 to 777, such as 0400"))
            }
            return .success(bits)
        })

    static let mountPath = Annotation<MountPath>(
        key: "mount-path", shape: .plain, accepted: MountPath.accepted,
        absent: "`/run/secrets/latchkey`, or what the operator configured",
        meaning: "The directory where the files appear in the containers.",
        parse: { text in
            MountPath(text).map(Result.success) ?? .failure(.init(phrase: "is not \(MountPath.accepted)"))
        })

    static let containers = Annotation<[String]>(
        key: "containers", shape: .plain,
        accepted: "names of the pod's containers and init containers, "
            + "separated by commas",
        absent: "all containers, and the init containers that run after the agent, but for the proxies of meshes "
            + "(`istio-proxy`, `linkerd-proxy`, `kuma-sidecar`, `consul-dataplane`)",
        meaning:
            "Which containers get the files and the variables of `env.<NAME>` and `env-from.<name>`; the others see "
            + "nothing of them. A reference in a container's own `env` is that container's whatever stands here.",
        parse: { text in
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed() }
            guard names.allSatisfy({ !$0.isEmpty }) else {
                return .failure(.init(phrase: "is no list of container names separated by commas"))
            }
            return .success(names)
        })

    static let azureClientID = Annotation<GUID>(
        key: "azure-client-id", shape: .plainOrPerName("vault"), accepted: GUID.accepted,
        absent: "`azure.workload.identity/client-id` of the ServiceAccount, else the operator's default",
        meaning: "The client id of the managed identity or application that reads Azure Key Vault; "
            + "with `.<vault>` for that vault alone.",
        parse: guid)

    static let azureTenantID = Annotation<GUID>(
        key: "azure-tenant-id", shape: .plainOrPerName("vault"), accepted: GUID.accepted,
        absent: "`azure.workload.identity/tenant-id` of the ServiceAccount, else the operator's default",
        meaning: "The tenant in Microsoft Entra ID that the identity belongs to; with `.<vault>` for that vault alone.",
        parse: guid)

    static let runAsUser = Annotation<UInt32>(
        key: "run-as-user", shape: .plain, accepted: "a uid from 0 to 2147483647",
        absent: "the uid that the pod states for the containers with the files",
        meaning: "The uid that the application runs as where its image and not the pod says so: the agent runs as it, "
            + "and modes without group or other bits (0400, 0600) can be kept.",
        parse: { text in
            guard let uid = UInt32(text), uid <= 0x7FFF_FFFF, text.utf8.allSatisfy({ $0 >= 0x30 }) else {
                return .failure(.init(phrase: "is no uid from 0 to 2147483647"))
            }
            return .success(uid)
        })

    /// All rows in the order of the documentation.
    static let all: [any AnnotationRow] = [
        inject, secret, template, path, mode, mountPath, containers, environment, environmentFrom, environmentDelivery,
        refresh, onRevoked, onChange, azureClientID, azureTenantID, runAsUser,
    ]

    @Sendable private static func guid(_ text: String) -> Result<GUID, Annotation<GUID>.Fault> {
        GUID(text).map(Result.success) ?? .failure(.init(phrase: "is not \(GUID.accepted)"))
    }
}

extension Substring {
    /// Without white space at either end.
    fileprivate func trimmed() -> String {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
