import JSON
import SecretSpec

extension EnvironmentPlanner {
    /// How a container gets its values.
    enum Way {
        case exec(WrappedCommand, reason: String)
        case kubelet(reason: String)
        /// Not at all: nothing that its sources bring may be a reference.
        case check(reason: String)
        case refused(InjectionProblem)
        /// That depends on the command of this image.
        case ask(String)
    }

    /// The way for one container, in the order that `auto` promises.
    func way(_ needs: Needs) -> Way {
        let wantsSources = request.resolvesSources && !needs.sources.isEmpty
        guard needs.hasSecrets || wantsSources else {
            return .check(reason: "the pod does not ask for what comes from ConfigMaps and Secrets to be resolved")
        }
        if !needs.hasSecrets, MeshPorts.isProxy(needs.container) { return .check(reason: "it is a mesh's proxy") }
        let obstacle = obstacleToFiles(needs)
        // What stood there is known no more, so it stays in the file.
        let isFromFile = needs.own.contains { if case .file = $0.content { true } else { false } }
        if request.delivery == .kubelet || isFromFile {
            guard needs.hasSecrets else { return .check(reason: "the kubelet cannot resolve what comes from them") }
            guard let obstacle else {
                return .kubelet(reason: isFromFile ? "it did before" : "as the pod asks")
            }
            return .refused(
                problem(
                    needs, "\(AnnotationTable.prefix)env-delivery",
                    "the kubelet cannot deliver them: \(obstacle); take exec"))
        }
        if let command = WrappedCommand(of: needs.container) {
            return .exec(command, reason: "the pod states its command")
        }
        let canBeKubelet = request.delivery != .exec && needs.hasSecrets && obstacle == nil
        if canBeKubelet, !wantsSources { return .kubelet(reason: "the pod does not state its command") }
        guard let image = needs.container.image, !image.isEmpty else {
            return unknownCommand(needs, "the container states no image", obstacle, canBeKubelet)
        }
        switch commands[image] {
        case nil: return .ask(image)
        case .failure(let failure): return unknownCommand(needs, failure.sentence, obstacle, canBeKubelet)
        case .success(let found):
            guard let command = WrappedCommand(of: needs.container, image: found) else {
                return unknownCommand(needs, "the image has neither ENTRYPOINT nor CMD", obstacle, canBeKubelet)
            }
            return .exec(command, reason: "its image states its command")
        }
    }

    private func unknownCommand(_ needs: Needs, _ why: String, _ obstacle: String?, _ canBeKubelet: Bool) -> Way {
        if canBeKubelet { return .kubelet(reason: "its command is not known: \(why)") }
        if !needs.hasSecrets, request.delivery != .exec { return .check(reason: "its command is not known: \(why)") }
        let kubelet =
            request.delivery == .exec ? "" : obstacle.map { "; the kubelet cannot deliver them either: \($0)" }
        return .refused(
            problem(
                needs, "spec.\(needs.container.list)[\(needs.container.index)].command",
                "the pod does not state its command, and it could not be found out: \(why); state command in the pod "
                    + "(`docker image inspect` shows the image's as Entrypoint and Cmd)" + (kubelet ?? "")))
    }

    /// Why the kubelet cannot deliver a container's variables from a file; nil where it can.
    private func obstacleToFiles(_ needs: Needs) -> String? {
        guard prepared.configuration.fileKeyRef else {
            return "not every kubelet of the cluster knows fileKeyRef (Kubernetes 1.35)"
        }
        if let set = needs.keySets.first { return "the names that \(set.key) brings are not known before" }
        let texts =
            needs.added.map { ($0.name, Optional($0.text)) }
            + needs.own.map { variable in
                if case .text(let text) = variable.content {
                    (variable.name, Optional(text))
                } else {
                    (variable.name, nil)
                }
            }
        var names: Set<ExactText> = []
        for (name, text) in texts {
            guard VariableName.fitsFile(name) else {
                return "\"\(Shown.text(name))\" is no name of up to 128 letters, digits and '_'"
            }
            guard names.insert(ExactText(name)).inserted else { return "\(name) stands there twice" }
            if text?.isExpanded ?? false {
                return "\(name) holds '$(' or '$$', which means nothing in a file"
            }
        }
        return nil
    }

    private func problem(_ needs: Needs, _ key: String, _ message: String) -> InjectionProblem {
        let what = needs.hasSecrets ? "has secrets" : "may have secrets from ConfigMaps and Secrets"
        return InjectionProblem(
            kind: .unsupported, key: key,
            message: "container \"\(Shown.text(needs.container.name))\" \(what) in its environment: \(message)")
    }
}
