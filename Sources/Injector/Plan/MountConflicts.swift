import JSON

/// Mounts and volumes of the pod that stand in the way of ours.
struct MountConflicts {
    let pod: PodView
    let readers: [ContainerView]
    let mountPath: MountPath
    /// The containers whose command is behind `latchkey-exec`.
    let executing: [ContainerView]

    private static let executionPaths = [PodFragments.Path.environment, PodFragments.Path.executables]

    func find() -> [InjectionProblem] {
        readers.flatMap(conflicts) + executing.flatMap(executionConflicts) + ownConflicts()
            + pod.allContainers.flatMap(misuse)
    }

    /// The files at, in or around what `latchkey-exec` needs.
    private func ownConflicts() -> [InjectionProblem] {
        guard !executing.isEmpty, let path = Self.executionPaths.first(where: { mountPath.relation(to: $0) != nil })
        else { return [] }
        return [
            InjectionProblem(
                kind: .conflict, key: "\(AnnotationTable.prefix)mount-path",
                message: "\(mountPath.text) and \(path), which secrets in environments need, lie in one another; "
                    + "choose another \(AnnotationTable.prefix)mount-path")
        ]
    }

    private func executionConflicts(_ container: ContainerView) -> [InjectionProblem] {
        container.volumeMounts.enumerated().compactMap { index, mount in
            guard let other = mount["mountPath"]?.string else { return nil }
            let isInTheWay = Self.executionPaths.contains { path in
                switch MountPath(path)?.relation(to: other) {
                case nil: false
                case .same: mount["name"]?.string != PodFragments.Name.environment
                case .outside: true
                case .inside: mount["readOnly"]?.bool == true
                }
            }
            guard isInTheWay else { return nil }
            return InjectionProblem(
                kind: .conflict, key: "spec.\(container.list)[\(container.index)].volumeMounts[\(index)]",
                message: "secrets in the container's environment need \(Self.executionPaths[0]) and "
                    + "\(Self.executionPaths[1]), which this mount is at, in or read-only above; mount it elsewhere")
        }
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
            guard let name = mount["name"]?.string, PodFragments.Name.isVolume(name) else { return nil }
            let isAllowed =
                name == PodFragments.Name.environment
                ? PodFragments.environmentMounts(of: container.name).contains { PatchBuilder.contains(mount, $0) }
                : name == PodFragments.Name.secrets && mount["readOnly"]?.bool == true
            guard !isAllowed else { return nil }
            return InjectionProblem(
                kind: .conflict, key: "spec.\(container.list)[\(container.index)].volumeMounts[\(index)]",
                message: name == PodFragments.Name.secrets
                    ? "the volume \(name) may be mounted read-only alone; add readOnly: true"
                    : "the volume \(name) is the agent's alone; remove the mount")
        }
    }
}
