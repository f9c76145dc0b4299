import JSON

/// Renders what was decided as a JSON Patch that only adds what is missing, and takes away nothing but containers and
/// probes of ours that are out of place.
///
/// Whether something is already there is told by its shape: every field that we would write is as we would write it.
/// Fields and list entries that the apiserver or another webhook has put beside them do not matter. What bears one of
/// our names but not our shape is replaced.
struct PatchBuilder {
    let pod: PodView
    let fragments: PodFragments
    /// The containers that get the files.
    let readers: [ContainerView]
    /// The liveness probes by which the agent restarts containers, and those of ours that are to go.
    let probes: [RestartProbe]
    /// Where in the list of the pod's other init containers the agent belongs.
    let agentPosition: Int

    /// The operations in a fixed order: volumes, mounts, environments and commands, probes, the agent. Indices of containers are those before the
    /// agent is put in, so it comes last.
    func patch() -> JSONPatch {
        let agent = fragments.containers()
        return JSONPatch(
            volumeOperations() + mountOperations() + environments.flatMap { $0.operations() }
                + probes.compactMap(probeOperation)
                + containerOperations(agent.container) + initContainerOperations(agent.initContainers))
    }

    private func volumeOperations() -> [JSONPatch.Operation] {
        let path = JSONPointer(["spec", "volumes"])
        return Self.operations(path, existing: pod.spec["volumes"], wanted: fragments.volumes) {
            Self.isSame($0, $1, "name")
        }
    }

    private var environments: [EnvironmentPatch] {
        fragments.environments.containers.map(EnvironmentPatch.init(container:))
    }

    private func mountOperations() -> [JSONPatch.Operation] {
        guard fragments.environments.delivers else {
            return readers.flatMap { mountOperations($0, [fragments.applicationMount]) }
        }
        let own = Dictionary(
            environments.map { (ObjectIdentifier($0.container.view), $0.mounts) }, uniquingKeysWith: { $1 })
        let withFiles = Set(readers.map(ObjectIdentifier.init))
        return pod.allContainers.flatMap { container in
            let id = ObjectIdentifier(container)
            let wanted = (withFiles.contains(id) ? [fragments.applicationMount] : []) + (own[id] ?? [])
            return wanted.isEmpty ? [] : mountOperations(container, wanted)
        }
    }

    private func mountOperations(_ container: ContainerView, _ wanted: [JSONValue]) -> [JSONPatch.Operation] {
        Self.operations(
            container.pointer.appending("volumeMounts"), existing: container.json["volumeMounts"], wanted: wanted
        ) { Self.isSame($0, $1, "mountPath") }
    }

    /// A probe that is not ours is not touched; there is none where a restart by it was decided.
    private func probeOperation(_ probe: RestartProbe) -> JSONPatch.Operation? {
        let path = probe.container.pointer.appending("livenessProbe")
        switch probe.state {
        case .none: return probe.wanted.map { .add(path: path, value: $0) }
        case .ours:
            guard let wanted = probe.wanted else { return .remove(path: path) }
            let isWhole = probe.container.json["livenessProbe"].map { Self.contains($0, wanted) } ?? false
            return isWhole ? nil : .replace(path: path, value: wanted)
        case .rewritten, .another: return nil
        }
    }

    private func containerOperations(_ wanted: JSONValue?) -> [JSONPatch.Operation] {
        let path = JSONPointer(["spec", "containers"])
        guard let wanted else {
            return pod.containers.filter(\.isAgent).reversed().map { .remove(path: path.appending($0.index)) }
        }
        return Self.operations(
            path, existing: pod.spec["containers"], wanted: [wanted], isWhole: Self.isWholeContainer
        ) { Self.isSame($0, $1, "name") }
    }

    private func initContainerOperations(_ wanted: [JSONValue]) -> [JSONPatch.Operation] {
        let path = JSONPointer(["spec", "initContainers"])
        guard let existing = pod.spec["initContainers"]?.array, !existing.isEmpty else {
            return [.add(path: path, value: .array(wanted))]
        }
        let places = pod.initContainers.filter(\.isAgent).map(\.index)
        let isInPlace =
            places.elementsEqual(agentPosition..<agentPosition + wanted.count)
            && zip(places, wanted).allSatisfy { Self.isSame(existing[$0], $1, "name") }
        if isInPlace {
            return zip(places, wanted).compactMap { index, wanted in
                Self.isWholeContainer(existing[index], wanted)
                    ? nil : .replace(path: path.appending(index), value: wanted)
            }
        }
        return places.reversed().map { .remove(path: path.appending($0)) }
            + wanted.enumerated().map { .add(path: path.appending(agentPosition + $0), value: $1) }
    }

    /// Adds or replaces entries of a list that may be missing, null or empty.
    private static func operations(
        _ path: JSONPointer, existing: JSONValue?, wanted: [JSONValue],
        isWhole: (JSONValue, JSONValue) -> Bool = contains, isSame: (JSONValue, JSONValue) -> Bool
    ) -> [JSONPatch.Operation] {
        guard let elements = existing?.array, !elements.isEmpty else {
            return [.add(path: path, value: .array(wanted))]
        }
        return wanted.compactMap { entry in
            guard let index = elements.firstIndex(where: { isSame($0, entry) }) else {
                return .add(path: path.appending("-"), value: entry)
            }
            return isWhole(elements[index], entry) ? nil : .replace(path: path.appending(index), value: entry)
        }
    }

    private static func isSame(_ left: JSONValue, _ right: JSONValue, _ key: String) -> Bool {
        guard let name = left[key]?.string, let other = right[key]?.string else { return false }
        return name.isSameText(as: other)
    }

    /// What makes another container of one that has all of ours: whether it goes on, and what it runs.
    private static let decisive = ["restartPolicy", "restartPolicyRules", "args"]

    /// Whether a container of ours has all of `wanted`, and nothing beside it that would make another of it.
    private static func isWholeContainer(_ existing: JSONValue, _ wanted: JSONValue) -> Bool {
        contains(existing, wanted)
            && decisive.allSatisfy { wanted[$0] != nil || (existing[$0] ?? .null) == .null }
    }

    /// Whether `existing` has all of `wanted`: members by name, entries of lists of objects by their key, everything
    /// else by value.
    static func contains(_ existing: JSONValue, _ wanted: JSONValue) -> Bool {
        switch (existing, wanted) {
        case (.object(let existing), .object(let wanted)):
            return wanted.members.allSatisfy { member in
                existing[member.name].map { contains($0, member.value) } ?? false
            }
        case (.array(let existing), .array(let wanted)):
            guard let key = ["mountPath", "name"].first(where: { wanted.first?[$0] != nil }) else {
                return existing.count == wanted.count && zip(existing, wanted).allSatisfy(contains)
            }
            // Exactly one of each: of two variables of one name the later would win.
            return wanted.allSatisfy { entry in
                let same = existing.filter { isSame($0, entry, key) }
                return same.count == 1 && same.allSatisfy { contains($0, entry) }
            }
        default:
            return existing == wanted
        }
    }
}
