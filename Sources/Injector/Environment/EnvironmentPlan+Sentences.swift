import SecretSpec

extension EnvironmentPlan.Container {
    /// What becomes of the container's environment and why, for `explain`.
    var sentence: String {
        let names = added.map(\.name) + own.map(\.name)
        let sets = keySets.isEmpty ? [] : ["every key of \(Shown.list(keySets.map(\.reference.text)))"]
        let hidden =
            delivery == .exec && !sources.isEmpty
            ? ["what is a reference in \(Shown.list(sources.map(\.object.text)))"] : []
        let what = ((names.isEmpty ? [] : [Shown.list(names)]) + sets + hidden).joined(separator: ", ")
        let whose = "the environment of container \(Shown.text(view.name))"
        let watched = Shown.list(sources.map(\.object.text))
        switch delivery {
        case .exec: return "\(whose): latchkey-exec before its command puts in \(what) (\(reason))"
        case .kubelet:
            let rest = sources.isEmpty ? "" : "; a reference in \(watched) stops the start"
            return "\(whose): the kubelet reads \(what) from a file (\(reason))\(rest)"
        case .none: return "\(whose): a reference in \(watched) stops the start (\(reason))"
        }
    }
}
