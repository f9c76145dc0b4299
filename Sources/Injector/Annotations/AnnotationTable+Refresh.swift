import JSON
import SecretSpec

/// The rows about what happens while the pod runs.
extension AnnotationTable {
    static let refresh = Annotation<RefreshInterval>(
        key: "refresh", shape: .plain, accepted: RefreshInterval.accepted,
        absent: "`2m`, or what the operator configured; `off` where the pod's `restartPolicy` is not `Always`",
        meaning: "How often a new version of the secrets is looked for while the pod runs. With `off` they are fetched "
            + "once, before the containers start. A pod whose `restartPolicy` is not `Always` (a Job's) can ask for it "
            + "where the cluster's kubelets run native sidecars (Kubernetes 1.29).",
        parse: { text in
            RefreshInterval(text).map(Result.success) ?? .failure(.init(phrase: "is not \(RefreshInterval.accepted)"))
        })

    static let onRevoked = Annotation<AgentPlan.OnRevoked>(
        key: "on-revoked", shape: .plain, accepted: "keep, remove or fail",
        absent: "`keep`, or what the operator configured",
        meaning: "What a refresh does when the vault says that a secret, or the right to it, is gone (401, 403, 404, "
            + "disabled, deleted): `keep` leaves the files as they are, `remove` removes those that need it, `fail` "
            + "leaves them and ends the agent with an error until the secret is back, so that the pod is not ready.",
        parse: { text in
            AgentPlan.OnRevoked.allCases.first { $0.rawValue.isSameText(as: text) }.map(Result.success)
                ?? .failure(.init(phrase: "is none of keep, remove and fail"))
        })

    static let onChange = Annotation<OnChange>(
        key: "on-change", shape: .plainOrPerName("name"), accepted: OnChange.accepted,
        absent: "`none`",
        meaning: "What happens after files have changed; with `.<name>` after a change of `secret.<name>` or "
            + "`template.<name>`, instead of what is said without a name. A signal goes to the main process of each "
            + "container with the files: it needs `shareProcessNamespace: true` and one known uid for all of them. A "
            + "request goes to the pod's own loopback, which a pod with `hostNetwork` has none of. `restart` has the kubelet end each container with the files in "
            + "its own termination grace and start it again: by a `livenessProbe` that the agent answers, which needs "
            + "containers without one of their own, a pod without `hostNetwork`, and `on-revoked` other than `fail`, or else by SIGTERM, which needs "
            + "what a signal needs.",
        parse: { text in
            OnChange(text).map(Result.success) ?? .failure(.init(phrase: "is not \(OnChange.accepted)"))
        })
}
