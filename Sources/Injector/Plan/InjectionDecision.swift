import JSON

/// What is done about a pod.
public enum InjectionDecision: Sendable {
    /// The pod is rewritten (an empty patch where everything is already there).
    case inject(InjectionPlan)
    /// The pod is none of ours. A normal outcome.
    case skip(SkipReason)
    /// The pod asks for something that cannot be: every reason at once, never empty.
    case deny([InjectionProblem])

    /// Label values for metrics and logs; a small closed set.
    public var metricLabel: (decision: String, reason: String) {
        switch self {
        case .inject(let plan):
            (
                "inject",
                plan.agentPlan == nil ? "nothing-to-inject" : plan.patch.isEmpty ? "already-injected" : "injected"
            )
        case .skip(let reason): ("skip", reason.rawValue)
        case .deny(let problems): ("deny", problems.first?.kind.rawValue ?? "invalid")
        }
    }
}

/// Why a pod is left alone. The raw value is the metric's label.
public enum SkipReason: String, Error, Sendable, CaseIterable {
    case notAPod = "not-a-pod"
    case notACreate = "not-a-create"
    case subresource
    case mirrorPod = "mirror-pod"
    case notSelected = "not-selected"
    case optedOut = "opted-out"

    /// One sentence.
    public var sentence: String {
        switch self {
        case .notAPod: "the object is not a core/v1 Pod"
        case .notACreate: "only the creation of a pod is rewritten"
        case .subresource: "only pods themselves are rewritten, not their subresources"
        case .mirrorPod: "a static pod's mirror cannot be changed, and static pods have no ServiceAccount"
        case .notSelected: "the pod carries no latchkey.dev/ annotation or label and no reference in its environment"
        case .optedOut: "latchkey.dev/inject is \"false\", which wins over everything else"
        }
    }
}

/// One thing that is wrong with a pod's request.
public struct InjectionProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// What sort of problem; the raw value is the metric's label.
    public enum Kind: String, Sendable, CaseIterable {
        case unknownAnnotation = "unknown-annotation"
        case badAnnotation = "bad-annotation"
        case badReference = "bad-reference"
        case conflict
        case identity
        case ownership
        case unsupported
    }

    /// The sort.
    public let kind: Kind
    /// The annotation or field that is at fault.
    public let key: String
    /// What was found and what to do about it.
    public let message: String

    /// `key: message`.
    public var description: String { "\(key): \(message)" }

    /// As many problems as somebody reads at once; a pod made to have more must not make an answer without end.
    private static let maximumInSummary = 32

    /// All problems in one text, as the API client sees it.
    static func summary(_ problems: [InjectionProblem]) -> String {
        guard problems.count > 1 else { return problems.map(\.description).joined() }
        let shown = problems.prefix(maximumInSummary).enumerated().map { "(\($0 + 1)) \($1)" }.joined(separator: "; ")
        let rest = problems.count - maximumInSummary
        return "\(problems.count) problems: \(shown)" + (rest > 0 ? "; and \(rest) more" : "")
    }
}
