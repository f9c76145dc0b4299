/// Which containers of ours a pod gets.
enum AgentShape: Sendable {
    /// An init container that fetches once.
    case once
    /// One native sidecar that fetches before what is behind it starts, and refreshes after.
    case sidecar
    /// For pods that end: an init container, so that a missing secret ends the pod too, and a native sidecar behind it.
    case initAndSidecar
    /// For kubelets without native sidecars: an init container and a container.
    case initAndContainer

    /// The names of its init containers in their order.
    var initContainers: [String] {
        switch self {
        case .once, .sidecar, .initAndContainer: [PodFragments.Name.agent]
        case .initAndSidecar: [PodFragments.Name.agent, PodFragments.Name.refresh]
        }
    }

    /// The name of its container beside the application's.
    var container: String? {
        if case .initAndContainer = self { PodFragments.Name.refresh } else { nil }
    }

    /// Whether a container that bears a name of ours is at a place where this shape has one.
    func has(_ container: ContainerView) -> Bool {
        container.list == "initContainers"
            ? initContainers.contains(container.name) : container.name == self.container
    }

    /// What is added and why, for `explain`.
    var sentence: String {
        switch self {
        case .once: "an init container \(PodFragments.Name.agent) fetches once, before the containers start"
        case .sidecar:
            "one native sidecar \(PodFragments.Name.agent) fetches before the containers behind it start and refreshes "
                + "while they run: the cluster's kubelets know native sidecars"
        case .initAndSidecar:
            "an init container \(PodFragments.Name.agent) fetches and a native sidecar \(PodFragments.Name.refresh) "
                + "refreshes: the pod is meant to end, and so it does where a secret is missing"
        case .initAndContainer:
            "an init container \(PodFragments.Name.agent) fetches and a container \(PodFragments.Name.refresh) "
                + "refreshes: not all of the cluster's kubelets know native sidecars"
        }
    }
}
