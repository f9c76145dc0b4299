import JSON

/// Mounts and volumes of the pod that stand in the way of ours.
struct MountConflicts {
    let pod: PodView
    let readers: [ContainerView]
    let mountPath: MountPath

    func find() -> [InjectionProblem] {
        readers.flatMap(conflicts) + pod.allContainers.flatMap(misuse)
    }

    /// Another volume at our path, inside it, or read-only above it (where no mount point can be made).
    private func conflicts(_ container: ContainerView) -> [InjectionProblem] {
        container.volumeMounts.compactMap { mount in
            guard let other = mount["mountPath"]?.string, let relation = mountPath.relation(to: other) else {
                return nil
            }
            let volume = mount["name"]?.string ?? ""
            let what: String
            switch relation {
            case .same:
                if volume == PodFragments.Name.secrets { return nil }
                what = "is already the place of volume \"\(Shown.text(volume))\""
            case .outside:
                what = "holds the mount \(Shown.text(other)) of volume \"\(Shown.text(volume))\""
            case .inside:
                guard mount["readOnly"]?.bool == true else { return nil }
                what = "lies in the read-only mount \(Shown.text(other)) of volume \"\(Shown.text(volume))\""
            }
            return InjectionProblem(
                kind: .conflict, key: "\(AnnotationTable.prefix)mount-path",
                message: "\(mountPath.text) \(what) in container \"\(Shown.text(container.name))\"; "
                    + "choose another \(AnnotationTable.prefix)mount-path")
        }
    }

    /// The agent's own volumes in somebody else's hands.
    private func misuse(_ container: ContainerView) -> [InjectionProblem] {
        guard !container.isAgent else { return [] }
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
