import JSON
import SecretSpec

/// Decides what becomes of a pod that asked for something: every problem is collected before anything is rendered.
struct Planner {
    let pod: PodView
    let request: PodRequest
    let account: ServiceAccount
    let prepared: PreparedConfiguration
    /// Of images, by their text.
    var commands: [String: Result<ImageCommand, ImageCommandFailure>] = [:]

    private var configuration: InjectorConfiguration { prepared.configuration }

    /// The init containers that meshes put before their proxies.
    private static let networkSetup = [
        "istio-init", "istio-validation", "enable-core-dump", "linkerd-init", "linkerd-network-validator",
    ]

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
        guard pod.spec.object != nil else {
            return .deny([InjectionProblem(kind: .unsupported, key: "spec", message: "the pod has no spec")])
        }
        guard !request.files.isEmpty || request.hasEnvironmentSecrets || request.mayHaveHiddenReferences else {
            return .inject(
                InjectionPlan(
                    patch: JSONPatch(), agentPlan: nil,
                    warnings: [
                        "latchkey: the pod asks for injection but names no secret; "
                            + "add \(AnnotationTable.prefix)secret.<name>: <reference>, a template.<name> or an "
                            + "env.<NAME>"
                    ], explanation: nil))
        }
        var problems: [InjectionProblem] = []
        let mountPath = request.mountPath ?? prepared.mountPath
        let chosen = readers(&problems)
        let readers = request.files.isEmpty ? [] : chosen
        let environments = environments(chosen, &problems)
        problems += PathConflicts.find(request.files)
        let refresh = RefreshPlanner(pod: pod, request: request, prepared: prepared).decide(&problems)
        problems += foreignAgents(refresh.shape)
        if let mountPath {
            problems += MountConflicts(
                pod: pod, readers: readers, mountPath: mountPath,
                executing: environments.containers.filter { $0.delivery == .exec }.map(\.view)
            ).find()
        } else {
            problems.append(
                InjectionProblem(
                    kind: .unsupported, key: "the operator's defaults.mountPath",
                    message: "is not \(MountPath.accepted)"))
        }
        let ownership = FileOwnership(
            pod: pod, containers: readers,
            environments: environments.containers.filter { $0.delivery == .exec }.map(\.view),
            assertedUser: request.runAsUser, configuration: configuration)
        let files = files(ownership, &problems)
        var reactions = ReactionPlanner.Decision()
        if refresh.seconds != nil {
            reactions = ReactionPlanner(
                pod: pod, request: request, readers: readers, ownership: ownership, prepared: prepared,
                environments: environments
            ).decide(&problems)
        }
        let stale = staleProbes(beside: reactions.probes, &problems)
        let azure = AzureIdentities(request: request, account: account, configuration: configuration.azure)
            .plan(&problems)
        let tokenExpirationSeconds = tokenExpirationSeconds(&problems)
        guard problems.isEmpty, let mountPath else {
            return .deny(problems)
        }
        let plan = AgentPlan(
            directory: PodFragments.Path.secrets, group: ownership.fileGroup, files: files,
            environments: environments.agentPlan(ownership),
            startDeadlineSeconds: configuration.startDeadlineSeconds, refresh: planned(refresh, reactions),
            azure: azure, caBundle: configuration.caBundle)
        let planText = PodFragments.environmentValue(of: plan)
        guard planText.utf8.count <= Self.maximumPlanLength else {
            return .deny([
                InjectionProblem(
                    kind: .unsupported, key: "\(AnnotationTable.prefix)secret.*",
                    message: "the plan for the agent is \(planText.utf8.count) bytes long, and "
                        + "\(Self.maximumPlanLength) fit: name fewer secrets, take several keys of one with #*, or "
                        + "shorten the templates")
            ])
        }
        return .inject(
            injection(
                plan, planText, refresh, reactions.probes + stale, ownership, readers, reactions.lasting, environments,
                mountPath,
                tokenExpirationSeconds))
    }

    private func planned(
        _ refresh: RefreshPlanner.Decision, _ reactions: ReactionPlanner.Decision
    ) -> AgentPlan.Refresh? {
        refresh.seconds.map { seconds in
            AgentPlan.Refresh(
                intervalMilliseconds: seconds * 1000, onRevoked: request.onRevoked ?? configuration.onRevoked,
                reactions: reactions.reactions,
                restartSpreadSeconds: min(max(configuration.restartSpreadSeconds, 0), 86_400), port: reactions.port,
                servesMetrics: reactions.port != nil && configuration.agentServesMetrics)
        }
    }

    private func injection(
        _ plan: AgentPlan, _ planText: String, _ refresh: RefreshPlanner.Decision, _ probes: [RestartProbe],
        _ ownership: FileOwnership, _ readers: [ContainerView], _ lasting: [String], _ environments: EnvironmentPlan,
        _ mountPath: MountPath, _ tokenExpirationSeconds: Int
    ) -> InjectionPlan {
        let others = pod.allContainers.filter { !$0.isAgent }
        let podResources = pod.spec["resources"]
        let hasPodResources = podResources?["requests"]?.object != nil || podResources?["limits"]?.object != nil
        let fragments = PodFragments(
            prepared: prepared, plan: plan, planText: planText, shape: refresh.shape, ownership: ownership,
            qualityOfService: hasPodResources ? nil : QualityOfService(others),
            limitsCPU: others.allSatisfy { $0.resources["limits"]?["cpu"] != nil }, mountPath: mountPath,
            tokenExpirationSeconds: tokenExpirationSeconds, environments: environments)
        let patch = PatchBuilder(
            pod: pod, fragments: fragments, readers: readers, probes: probes, agentPosition: leadingProxies.count
        ).patch()
        return InjectionPlan(
            patch: patch, agentPlan: plan, warnings: warnings(readers, environments),
            explanation: Explanation(
                fragments: fragments, refresh: refresh, readers: readers.map(\.name), lasting: lasting,
                account: account.name))
    }

    /// Probes of ours that the pod brings along and that nothing would answer; they are taken away, but for those that
    /// Istio has noted as well.
    private func staleProbes(beside wanted: [RestartProbe], _ problems: inout [InjectionProblem]) -> [RestartProbe] {
        let stale = RestartProbe.stale(in: pod, beside: wanted)
        for probe in stale where probe.state != .ours {
            problems.append(
                InjectionProblem(
                    kind: .conflict,
                    key: "spec.\(probe.container.list)[\(probe.container.index)].livenessProbe",
                    message: "Istio rewrote it from one of the agent's, which nothing answers in this pod: the kubelet "
                        + "would end the container over and over; remove it, or start from the manifest before injection"
                ))
        }
        return stale
    }

    // MARK: Containers

    /// What a service mesh runs before everything else, up to its proxy where that is a native sidecar. With the mesh's
    /// CNI plugin nothing before the proxy reaches the network; without a native proxy the agent is better off first.
    var leadingProxies: ArraySlice<ContainerView> {
        guard !pod.initContainers.isEmpty else { return [] }
        let others = pod.initContainers.filter { !$0.isAgent }
        let setup = others.prefix { Self.networkSetup.contains($0.name) }
        let proxies = others[setup.endIndex...].prefix { $0.isNativeSidecar && MeshPorts.isProxy($0) }
        return proxies.isEmpty ? [] : others[..<proxies.endIndex]
    }

    /// Containers that bear a name of ours where the pod gets none of ours. One that the webhook itself has added, while
    /// it knew other kubelets or the pod asked for something else, is none of those: it is taken away.
    private func foreignAgents(_ shape: AgentShape) -> [InjectionProblem] {
        pod.allContainers.filter { $0.isAgent && !shape.has($0) && !prepared.isSecondContainer($0.json) }
            .map { container in
                InjectionProblem(
                    kind: .conflict, key: "spec.\(container.list)[\(container.index)].name",
                    message: "\(container.name) is the name of a container of the agent's own; take another")
            }
    }

    /// The containers that get the files, init containers first.
    func readers(_ problems: inout [InjectionProblem]) -> [ContainerView] {
        let early = Set(leadingProxies.map { ExactText($0.name) })
        let possible = pod.allContainers.filter {
            !$0.isAgent && !($0.list == "initContainers" && early.contains(ExactText($0.name)))
        }
        guard let names = request.containers else { return possible.filter { !MeshPorts.isProxy($0) } }
        let wanted = Set(names.map(ExactText.init))
        let known = Set(possible.map { ExactText($0.name) })
        let unknown = wanted.subtracting(known).map(\.text).sorted()
        let late = unknown.filter { !early.contains(ExactText($0)) }
        func problem(_ message: String) {
            problems.append(
                InjectionProblem(kind: .badAnnotation, key: "\(AnnotationTable.prefix)containers", message: message))
        }
        if !late.isEmpty {
            problem("the pod has no container \(Shown.list(late)); it has \(Shown.list(possible.map(\.name)))")
        }
        if late.count < unknown.count {
            problem(
                "\(Shown.list(unknown.filter { early.contains(ExactText($0)) })) starts before the agent and cannot get its files"
            )
        }
        return possible.filter { wanted.contains(ExactText($0.name)) }
    }

    // MARK: Words

    private static let tokenExpirationAnnotation = "azure.workload.identity/service-account-token-expiration"

    /// What the ServiceAccount says, else the operator.
    private func tokenExpirationSeconds(_ problems: inout [InjectionProblem]) -> Int {
        guard let text = account.annotations[Self.tokenExpirationAnnotation] else {
            return configuration.azure.tokenExpirationSeconds
        }
        guard let seconds = Int(text), 3600...86_400 ~= seconds else {
            problems.append(
                InjectionProblem(
                    kind: .identity, key: "ServiceAccount \(account.name), \(Self.tokenExpirationAnnotation)",
                    message: "\"\(Shown.text(text))\" is not a number of seconds from 3600 to 86400"))
            return configuration.azure.tokenExpirationSeconds
        }
        return seconds
    }

    private func warnings(_ readers: [ContainerView], _ environments: EnvironmentPlan) -> [String] {
        var warnings: [String] = []
        if readers.isEmpty, !request.files.isEmpty {
            warnings.append("latchkey: no container of the pod gets the files")
        }
        if environments.delivers, let onChange = request.onChange, ![.none, .restart].contains(onChange) {
            warnings.append(
                "latchkey: a changed value reaches an environment only when its container is restarted; "
                    + "\(AnnotationTable.prefix)on-change acts on changed files alone, unless it is restart")
        }
        for reader in readers {
            for mount in reader.volumeMounts where mount["name"]?.string == PodFragments.Name.secrets {
                guard mount["subPath"] != nil || mount["subPathExpr"] != nil else { continue }
                warnings.append(
                    "latchkey: container \"\(Shown.text(reader.name))\" mounts \(PodFragments.Name.secrets) with a "
                        + "subPath, which shows a later change only when the container is started again")
            }
        }
        return warnings
    }
}
