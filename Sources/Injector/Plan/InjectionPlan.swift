public import JSON
public import SecretSpec

/// Everything that was decided about one pod, and the patch that says so.
public struct InjectionPlan: Sendable {
    /// What the apiserver applies to the pod; empty where the pod is already as it should be.
    public let patch: JSONPatch
    /// What the agent will do; nil where the pod names no secret.
    public let agentPlan: AgentPlan?
    /// What the pod's author should know though nothing is wrong.
    public let warnings: [String]
    /// What ``sentences`` tells.
    let explanation: Explanation?
}

/// The facts behind a plan's sentences, kept until somebody wants to read them.
struct Explanation: Sendable {
    let fragments: PodFragments
    let refresh: RefreshPlanner.Decision
    let readers: [String]
    /// Those of the readers that go on running.
    let lasting: [String]
    let account: ServiceAccountName
}

extension InjectionPlan {
    /// What is done and why, one sentence each.
    public var sentences: [String] {
        guard let explanation else { return ["nothing is added: the pod names no secret"] }
        return (patch.isEmpty ? ["the pod has everything already; nothing is changed"] : []) + explanation.sentences
    }
}

extension Explanation {
    fileprivate var sentences: [String] {
        var sentences: [String] = []
        for file in fragments.plan.files {
            let path = "\(fragments.mountPath.text)/\(file.path.text)"
            let what = file.isDirectory ? "one file per key in \(path)/" : path
            sentences.append("\(what) (mode \(FileMode.text(file.mode))) from \(file.origin)")
        }
        if !fragments.plan.files.isEmpty {
            sentences.append("read-only in: \(readers.map(Shown.text).joined(separator: ", "))")
        }
        sentences += fragments.environments.containers.map(\.sentence)
        sentences += [fragments.shape.sentence, refresh.sentence]
        if let refresh = fragments.plan.refresh { sentences += refresh.sentences(lasting) }
        sentences.append(fragments.ownership.sentence)
        if let azure = fragments.plan.azure {
            sentences.append(
                "it logs in to \(azure.authority) as client \(azure.identity.clientID) of tenant "
                    + "\(azure.identity.tenantID) with a token of ServiceAccount \(account)")
            for (vault, identity) in azure.vaultIdentities.sorted(by: { $0.key < $1.key }) {
                sentences.append("for vault \(vault) as client \(identity.clientID) of tenant \(identity.tenantID)")
            }
        }
        if let quality = fragments.qualityOfService { sentences.append("the QoS class stays \(quality.rawValue)") }
        return sentences
    }
}

extension AgentPlan.File {
    /// Where its content comes from, in words.
    fileprivate var origin: String {
        let references = references.map(\.text).joined(separator: ", ")
        guard case .template = content else { return references }
        return references.isEmpty ? "a text without secrets" : "a template with \(references)"
    }
}

/// Permission bits as people write them.
enum FileMode {
    static func text(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
