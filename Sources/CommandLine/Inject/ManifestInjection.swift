import Injector
import JSON

/// Decides about every workload of a manifest as the webhook would about the pods that it makes. No I/O.
struct ManifestInjection {
    /// What the keys of all our annotations begin with.
    private static let annotationPrefix = "latchkey.dev/"

    let outcomes: [WorkloadOutcome]
    private let documents: [JSONValue]

    /// - Parameters:
    ///   - furtherAccounts: objects beside the manifest whose ServiceAccounts count.
    ///   - defaultNamespace: the namespace of objects that name none.
    ///   - imageCommands: what images run, as containers state them.
    init(
        manifest: Manifest, furtherAccounts: [ManifestObject], configuration: InjectorConfiguration,
        defaultNamespace: String, imageCommands: [String: ImageCommand] = [:]
    ) {
        documents = manifest.documents
        let objects = ManifestObject.all(in: manifest.documents)
        var accounts: [ServiceAccountName: [String: String]] = [:]
        for object in furtherAccounts + objects where object.kind == "ServiceAccount" && object.apiVersion == "v1" {
            let name = ServiceAccountName(namespace: object.namespace ?? defaultNamespace, name: object.name)
            accounts[name] = object.annotations
        }
        let injector = PodInjector(configuration)
        outcomes = objects.compactMap { object in
            object.workload.map { workload in
                let namespace = workload.namespace ?? defaultNamespace
                let examination = injector.examine(pod: workload.pod, namespace: namespace)
                let account = examination.serviceAccount
                let commands = Self.commands(examination.images, imageCommands)
                let decision = injector.decide(
                    examination, serviceAccountAnnotations: account.map { accounts[$0] ?? [:] }, commands: commands)
                return WorkloadOutcome(
                    workload: workload, account: account, accountIsKnown: account.map { accounts[$0] != nil } ?? true,
                    decision: decision,
                    warnings: Self.warnings(object, workload, decision) + Self.warnings(commands, decision))
            }
        }
    }

    /// Every reason to refuse something; nothing is to be printed where there is one.
    var problems: [String] { outcomes.flatMap(\.problems) }

    /// Every warning with its workload.
    var warnings: [String] {
        outcomes.flatMap { outcome in outcome.warnings.map { "\(outcome.workload.title): warning: \($0)" } }
    }

    /// The documents with every patch applied in its place.
    func rewritten() throws(JSONPatchError) -> [JSONValue] {
        var documents = documents
        for outcome in outcomes {
            guard let patch = outcome.patch else { continue }
            let index = outcome.workload.document - 1
            guard documents.indices.contains(index) else { continue }
            documents[index] = try patch.applied(to: documents[index])
        }
        return documents
    }

    /// The patches, one entry for each workload that changes.
    func patches(defaultNamespace: String) -> JSONValue {
        .array(
            outcomes.compactMap { outcome in
                outcome.patch.map { patch in
                    let workload = outcome.workload
                    return [
                        "document": .number(JSONNumber(workload.document)), "kind": .string(workload.kind),
                        "namespace": .string(workload.namespace ?? defaultNamespace), "name": .string(workload.name),
                        "patch": patch.document,
                    ]
                }
            })
    }

    private static func commands(
        _ questions: [ImageQuestion], _ known: [String: ImageCommand]
    ) -> [String: Result<ImageCommand, ImageCommandFailure>] {
        var commands: [String: Result<ImageCommand, ImageCommandFailure>] = [:]
        for question in questions {
            let unknown = ImageCommandFailure(
                "no registry is asked here; give the image's with --image-command '\(question.image)=...'")
            commands[question.image] = known[question.image].map { .success($0) } ?? .failure(unknown)
        }
        return commands
    }

    /// What is decided without a command may be decided otherwise where it is known.
    private static func warnings(
        _ commands: [String: Result<ImageCommand, ImageCommandFailure>], _ decision: InjectionDecision
    ) -> [String] {
        guard case .inject = decision else { return [] }
        return commands.keys.sorted().compactMap { image in
            guard case .failure = commands[image] else { return nil }
            return
                "the command of image \(image) is not known here, and a webhook that may ask its registry can decide "
                + "otherwise about the container's environment; give it with --image-command"
        }
    }

    private static func warnings(
        _ object: ManifestObject, _ workload: Workload, _ decision: InjectionDecision
    ) -> [String] {
        var warnings: [String] = []
        if workload.template != workload.object {
            let misplaced = object.annotations.keys.filter { $0.hasPrefix(Self.annotationPrefix) }.sorted()
            if !misplaced.isEmpty {
                let place = workload.template.tokens.dropFirst(workload.object.tokens.count)
                warnings.append(
                    "\(misplaced.joined(separator: ", ")): an annotation of the \(workload.kind) itself does nothing; "
                        + "it belongs to the pods, in \(place.joined(separator: ".")).metadata.annotations")
            }
        }
        if case .inject(let plan) = decision { warnings += plan.warnings }
        return warnings
    }
}
