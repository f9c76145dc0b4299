import JSON
import SecretSpec

/// Decides what becomes of a pod that asked for something: every problem is collected before anything is rendered.
struct Planner {
    let pod: PodView
    let request: PodRequest
    let account: ServiceAccount
    let prepared: PreparedConfiguration

    private var configuration: InjectorConfiguration { prepared.configuration }

    /// Init containers that set up the pod's network for everybody and therefore run before the agent.
    private static let networkProxies = ["istio-proxy", "linkerd-proxy"]

    /// The longest value of one environment variable that Linux passes to a program, less some room.
    private static let maximumPlanLength = 120_000

    /// The decision.
    func decision() -> InjectionDecision {
        guard !pod.isWindows else {
            return .deny([
                InjectionProblem(
                    kind: .unsupported, key: "spec.os",
                    message: "the pod runs on Windows, and the agent runs on Linux only; "
                        + "remove its annotations or set \(AnnotationTable.prefix)inject: \"false\""
                )
            ])
        }
        guard !request.secrets.isEmpty else {
            return .inject(
                InjectionPlan(
                    patch: JSONPatch(), agentPlan: nil,
                    warnings: [
                        "latchkey: the pod asks for injection but names no secret; "
                            + "add \(AnnotationTable.prefix)secret.<name>: <reference>"
                    ], explanation: nil))
        }
        var problems: [InjectionProblem] = []
        let mountPath = request.mountPath ?? prepared.mountPath
        let readers = readers(&problems)
        problems += PathConflicts.find(request.secrets)
        if let mountPath {
            problems += MountConflicts(pod: pod, readers: readers, mountPath: mountPath).find()
        } else {
            problems.append(
                InjectionProblem(
                    kind: .unsupported, key: "the operator's defaults.mountPath",
                    message: "is not \(MountPath.accepted)"))
        }
        let ownership = FileOwnership(
            pod: pod, containers: readers, assertedUser: request.runAsUser, configuration: configuration)
        let files = files(ownership, &problems)
        let azure = AzureIdentities(request: request, account: account, configuration: configuration.azure)
            .plan(&problems)
        guard problems.isEmpty, let mountPath else {
            return .deny(problems)
        }
        let plan = AgentPlan(
            directory: PodFragments.Path.secrets, group: ownership.fileGroup, files: files,
            startDeadlineSeconds: configuration.startDeadlineSeconds, azure: azure, caBundle: configuration.caBundle)
        let planText = PodFragments.environmentValue(of: plan)
        guard planText.utf8.count <= Self.maximumPlanLength else {
            return .deny([
                InjectionProblem(
                    kind: .unsupported, key: "\(AnnotationTable.prefix)secret.*",
                    message: "the plan for the agent is \(planText.utf8.count) bytes long, and "
                        + "\(Self.maximumPlanLength) fit: name fewer secrets, or take several keys of one with #*")
            ])
        }
        return .inject(injection(plan, planText, ownership, readers, mountPath))
    }

    private func injection(
        _ plan: AgentPlan, _ planText: String, _ ownership: FileOwnership, _ readers: [ContainerView],
        _ mountPath: MountPath
    ) -> InjectionPlan {
        let others = pod.allContainers.filter { $0.name != PodFragments.Name.container }
        let podResources = pod.spec["resources"]
        let hasPodResources = podResources?["requests"]?.object != nil || podResources?["limits"]?.object != nil
        let fragments = PodFragments(
            prepared: prepared, plan: plan, planText: planText, ownership: ownership,
            qualityOfService: hasPodResources ? nil : QualityOfService(others), mountPath: mountPath,
            tokenExpirationSeconds: tokenExpirationSeconds)
        let patch = PatchBuilder(
            pod: pod, fragments: fragments, readers: readers, agentPosition: leadingProxies.count
        ).patch()
        return InjectionPlan(
            patch: patch, agentPlan: plan, warnings: warnings(readers),
            explanation: Explanation(fragments: fragments, readers: readers.map(\.name), account: account.name))
    }

    // MARK: Containers

    /// Network proxies that run as native sidecars before everything else: without them there may be no network.
    private var leadingProxies: [ContainerView] {
        pod.initContainers.isEmpty
            ? []
            : Array(
                pod.initContainers.filter { $0.name != PodFragments.Name.container }
                    .prefix { $0.isNativeSidecar && Self.networkProxies.contains($0.name) })
    }

    /// The containers that get the files, init containers first.
    private func readers(_ problems: inout [InjectionProblem]) -> [ContainerView] {
        let early = leadingProxies.map(\.name)
        let possible = pod.allContainers.filter {
            $0.name != PodFragments.Name.container && !($0.list == "initContainers" && early.contains($0.name))
        }
        guard let names = request.containers else { return possible }
        for name in names where !possible.contains(where: { $0.name.isSameText(as: name) }) {
            problems.append(
                InjectionProblem(
                    kind: .badAnnotation, key: "\(AnnotationTable.prefix)containers",
                    message: early.contains(name)
                        ? "\"\(Shown.text(name))\" starts before the agent and cannot get its files"
                        : "the pod has no container \"\(Shown.text(name))\"; it has "
                            + possible.map { Shown.text($0.name) }.joined(separator: ", ")))
        }
        return possible.filter { reader in names.contains { $0.isSameText(as: reader.name) } }
    }

    // MARK: Files

    private func files(_ ownership: FileOwnership, _ problems: inout [InjectionProblem]) -> [AgentPlan.File] {
        let defaultMode = ownership.defaultMode
        return request.secrets.map { secret in
            let mode = secret.mode ?? defaultMode
            if secret.mode != nil, let reader = ownership.unableToRead(mode).first {
                problems.append(modeProblem(secret, mode, reader, ownership))
            }
            return AgentPlan.File(source: secret.key, path: secret.path, mode: mode, reference: secret.reference)
        }
    }

    private func modeProblem(
        _ secret: PodRequest.Secret, _ mode: UInt32, _ reader: FileOwnership.Reader, _ ownership: FileOwnership
    ) -> InjectionProblem {
        let who = reader.uid.map { "runs as uid \($0)" } ?? "runs as a user that its image decides"
        let owner = ownership.uid.map { "uid \($0)" } ?? "the agent's user"
        let remedy =
            reader.uid == nil
            ? "state securityContext.runAsUser in the pod, or \(AnnotationTable.prefix)run-as-user: \"<uid>\", "
                + "or take 0440 with an fsGroup, or 0444 (only containers that mount the files see them)"
            : "take 0440 with an fsGroup, or 0444 (only containers that mount the files see them), "
                + "or leave this container out with \(AnnotationTable.prefix)containers"
        return InjectionProblem(
            kind: .ownership, key: secret.modeKey,
            message: "container \"\(Shown.text(reader.name))\" \(who) and could not read a file of mode "
                + "\(FileMode.text(mode)) that belongs to \(owner); \(remedy)")
    }

    // MARK: Words

    private var tokenExpirationSeconds: Int {
        account.annotations["azure.workload.identity/service-account-token-expiration"].flatMap(Int.init)
            .flatMap { 3600...86_400 ~= $0 ? $0 : nil } ?? configuration.azure.tokenExpirationSeconds
    }

    private func warnings(_ readers: [ContainerView]) -> [String] {
        var warnings: [String] = []
        if readers.isEmpty {
            warnings.append("latchkey: no container of the pod gets the files")
        }
        for reader in readers {
            for mount in reader.volumeMounts where mount["name"]?.string == PodFragments.Name.secrets {
                guard mount["subPath"] != nil || mount["subPathExpr"] != nil else { continue }
                warnings.append(
                    "latchkey: container \"\(Shown.text(reader.name))\" mounts \(PodFragments.Name.secrets) with a "
                        + "subPath, which never sees a later change")
            }
        }
        return warnings
    }
}
