import JSON
import SecretSpec

/// Decides whether rotation is followed in a pod, how often, and by which containers.
struct RefreshPlanner {
    let pod: PodView
    let request: PodRequest
    let prepared: PreparedConfiguration

    /// What was decided.
    struct Decision: Sendable {
        /// How often, or nil for not at all.
        let seconds: Int?
        let reason: Reason
        let shape: AgentShape
    }

    /// Why rotation is followed or not.
    enum Reason: Sendable {
        case asked
        case operatorsDefault
        case off
        case operatorsOff
        case restartPolicy(String)
        /// Nothing comes from a vault.
        case nothingToFollow
    }

    /// The decision; what the pod asks for and cannot have is added to the problems.
    func decide(_ problems: inout [InjectionProblem]) -> Decision {
        let (seconds, reason) = interval()
        if case .nothingToFollow = reason, case .every = request.refresh {
            problems.append(
                problem("refresh", "nothing in the pod comes from a vault, so there is nothing to look for; remove it"))
        }
        guard let seconds else {
            problems += followers().map { key in problem(key, "it needs refresh, and \(remedy(reason))") }
            return Decision(seconds: nil, reason: reason, shape: .once)
        }
        return Decision(seconds: seconds, reason: reason, shape: shape(&problems))
    }

    private func interval() -> (Int?, Reason) {
        guard request.holdsSecrets else { return (nil, .nothingToFollow) }
        switch request.refresh {
        case .off: return (nil, .off)
        case .every(let seconds): return (seconds, .asked)
        case nil: break
        }
        guard pod.restartsAlways else { return (nil, .restartPolicy(Shown.text(pod.restartPolicy))) }
        guard let seconds = prepared.configuration.refreshSeconds else { return (nil, .operatorsOff) }
        let range = RefreshInterval.range
        return (min(max(seconds, range.lowerBound), range.upperBound), .operatorsDefault)
    }

    private func shape(_ problems: inout [InjectionProblem]) -> AgentShape {
        if prepared.configuration.nativeSidecars { return pod.restartsAlways ? .sidecar : .initAndSidecar }
        if !pod.restartsAlways {
            problems.append(
                problem(
                    "refresh",
                    "the pod's restartPolicy is \(Shown.text(pod.restartPolicy)), and on kubelets before Kubernetes "
                        + "1.29 a container that refreshes would never let the pod end\(unknownKubelets); remove it, or "
                        + "set it to \"off\", and the secrets are fetched once"))
        }
        return .initAndContainer
    }

    /// What the operator can do where nobody knows whether the kubelets are as old as that.
    private var unknownKubelets: String {
        prepared.configuration.knowsKubelets
            ? ""
            : "; Latchkey does not know the kubelets' version: let the operator set cluster.version, or grant Latchkey "
                + "the right to list nodes"
    }

    /// The annotations of the pod that mean something only where rotation is followed.
    private func followers() -> [String] {
        var keys = request.files.filter { $0.onChange != nil && $0.onChange != OnChange.none }
            .map { "on-change.\($0.name)" }
        if let onChange = request.onChange, onChange != .none { keys.insert("on-change", at: 0) }
        if request.onRevoked != nil { keys.append("on-revoked") }
        return keys
    }

    private func remedy(_ reason: Reason) -> String {
        let annotation = "\(AnnotationTable.prefix)refresh"
        let ask = "add \(annotation): 2m, or remove this annotation"
        switch reason {
        case .asked, .operatorsDefault: return ""
        case .off: return "\(annotation) is \"off\"; give it a duration such as 2m, or remove this annotation"
        case .operatorsOff: return "the operator has turned it off for pods that do not ask for it; \(ask)"
        case .restartPolicy(let policy):
            let only = "a pod of restartPolicy \(policy) is refreshed only where it asks for it"
            return prepared.configuration.nativeSidecars
                ? "\(only); \(ask)"
                : "a pod of restartPolicy \(policy) cannot be refreshed on kubelets before Kubernetes 1.29"
                    + "\(unknownKubelets); remove this annotation"
        case .nothingToFollow: return "nothing in the pod comes from a vault; remove this annotation"
        }
    }

    private func problem(_ key: String, _ message: String) -> InjectionProblem {
        InjectionProblem(kind: .unsupported, key: AnnotationTable.prefix + key, message: message)
    }
}

extension RefreshPlanner.Decision {
    /// Whether rotation is followed and why, for `explain`.
    var sentence: String {
        guard let seconds else {
            switch reason {
            case .restartPolicy(let policy): return "rotation is not followed: the pod's restartPolicy is \(policy)"
            case .nothingToFollow: return "rotation is not followed: nothing comes from a vault"
            case .operatorsOff: return "rotation is not followed: the operator has turned it off"
            case .off, .asked, .operatorsDefault:
                return "rotation is not followed: \(AnnotationTable.prefix)refresh is off"
            }
        }
        let why = if case .asked = reason { "as the pod asks" } else { "the operator's default" }
        return "rotation is looked for every \(RefreshInterval.text(seconds: seconds)) (\(why))"
    }
}
