import JSON

/// Mounts and volumes of the pod that stand in the way of ours.
struct MountConflicts {
    let pod: PodView
    let readers: [ContainerView]
    let mountPath: MountPath

    func find() -> [InjectionProblem] {
        readers.flatMap(conflicts) + (pod.initContainers + pod.containers).flatMap(misuse)
    }

    /// Another volume at our path, inside it, or read-only above it (where no mount point can be made).
    private func conflicts(_ container: ContainerView) -> [InjectionProblem] {
        container.volumeMounts.compactMap { mount in
            guard let text = mount["mountPath"]?.string, let other = MountPath(text),
                mount["name"]?.string != PodFragments.Name.secrets || other != mountPath
            else { return nil }
            let name = Shown.text(mount["name"]?.string ?? "")
            let what: String
            if other == mountPath {
                what = "is already the place of volume \"\(name)\""
            } else if other.isInside(mountPath.text) {
                what = "holds the mount \(Shown.text(other.text)) of volume \"\(name)\""
            } else if mountPath.isInside(other.text), mount["readOnly"]?.bool == true {
                what = "lies in the read-only mount \(Shown.text(other.text)) of volume \"\(name)\""
            } else {
                return nil
            }
            return InjectionProblem(
                kind: .conflict, key: "\(AnnotationTable.prefix)mount-path",
                message: "\(mountPath.text) \(what) in container \"\(Shown.text(container.name))\"; "
                    + "choose another \(AnnotationTable.prefix)mount-path")
        }
    }

    /// The agent's own volumes in somebody else's hands.
    private func misuse(_ container: ContainerView) -> [InjectionProblem] {
        guard container.name != PodFragments.Name.container else { return [] }
        return container.volumeMounts.enumerated().compactMap { index, mount in
            guard let name = mount["name"]?.string, PodFragments.Name.volumes.contains(name) else { return nil }
            let isAllowed = name == PodFragments.Name.secrets && mount["readOnly"]?.bool == true
            guard !isAllowed else { return nil }
            return InjectionProblem(
                kind: .conflict, key: "spec.\(container.list)[\(container.index)].volumeMounts[\(index)]",
                message: name == PodFragments.Name.secrets
                    ? "the volume \(name) may be mounted read-only alone; add readOnly: true"
                    : "the volume \(name) is the agent's alone; remove the mount")
        }
    }
}
