import JSON
import SecretSpec

extension Planner {
    /// The files of the plan; a mode that somebody could not read is a problem.
    func files(_ ownership: FileOwnership, _ problems: inout [InjectionProblem]) -> [AgentPlan.File] {
        let defaultMode = ownership.defaultMode
        // By mode, of which there are few: a pod of many containers and many secrets must not cost their product.
        var unable: [UInt32: FileOwnership.Reader?] = [:]
        return request.files.map { file in
            let mode = file.mode ?? defaultMode
            if file.mode != nil {
                let reader = unable[mode] ?? ownership.firstUnableToRead(mode)
                unable[mode] = .some(reader)
                if let reader { problems.append(modeProblem(file, mode, reader, ownership)) }
            }
            return AgentPlan.File(source: file.key, path: file.path, mode: mode, content: file.content)
        }
    }

    private func modeProblem(
        _ file: PodRequest.File, _ mode: UInt32, _ reader: FileOwnership.Reader, _ ownership: FileOwnership
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
            kind: .ownership, key: file.modeKey,
            message: "container \"\(Shown.text(reader.name))\" \(who) and could not read a file of mode "
                + "\(FileMode.text(mode)) that belongs to \(owner); \(remedy)")
    }
}
