import JSON

/// As whom the agent runs and which group the files get, so that the application can read them; and which modes can
/// be kept.
///
/// Only containers that mount the volume see the files at all, so even 0444 opens them to nobody else.
struct FileOwnership {
    /// A container that mounts the files, as far as the pod states who runs in it.
    struct Reader {
        let name: String
        let uid: UInt32?
        let groups: [UInt32]
        let gidIsKnown: Bool
        /// Root with the capability to read whatever the mode says.
        let readsEverything: Bool
    }

    /// The agent's uid, or nil where its image decides.
    let uid: UInt32?
    /// The agent's gid, or nil where its image decides.
    let gid: UInt32?
    /// The group that files are given, or nil for the agent's own.
    let fileGroup: UInt32?
    /// The containers with the files in the order in which they were given.
    let readers: [Reader]
    /// Containers that read their environment from a file of the agent's, and none of the others.
    private let others: [ExactText: Reader]
    private let reason: String

    /// - Parameters:
    ///   - containers: those with the files.
    ///   - environments: those that read their environment from a file of the agent's, some of them perhaps both.
    ///   - assertedUser: `run-as-user`: the uid of containers that state none.
    init(
        pod: PodView, containers files: [ContainerView], environments: [ContainerView] = [], assertedUser: UInt32?,
        configuration: InjectorConfiguration
    ) {
        var containers = files
        if !environments.isEmpty {
            let withFiles = Set(files.map(ObjectIdentifier.init))
            containers += environments.filter { !withFiles.contains(ObjectIdentifier($0)) }
        }
        let podUser = ID.read(pod.securityContext["runAsUser"])
        let podGroup = ID.read(pod.securityContext["runAsGroup"])
        let fsGroup = ID.read(pod.securityContext["fsGroup"])
        let supplementalGroups = (pod.securityContext["supplementalGroups"]?.array ?? []).compactMap { ID.read($0) }
        let groupsOfAll = supplementalGroups + (fsGroup.map { [$0] } ?? [])
        var gids: [UInt32?] = []
        let all = containers.map { container in
            let own = container.securityContext
            let uid = ID.read(own["runAsUser"]) ?? podUser ?? assertedUser
            let gid = ID.read(own["runAsGroup"]) ?? podGroup
            gids.append(gid)
            return Reader(
                name: container.name, uid: uid, groups: gid.map { groupsOfAll + [$0] } ?? groupsOfAll,
                gidIsKnown: gid != nil,
                readsEverything: uid == 0 && !Self.dropsReadEverything(own["capabilities"]))
        }
        readers = Array(all.prefix(files.count))
        others = Dictionary(
            environments.isEmpty ? [] : all.map { (ExactText($0.name), $0) }, uniquingKeysWith: { $1 })
        // Root reads everything, so that another container's uid decides where there is one.
        let bound = all.filter { !$0.readsEverything }
        let commonUser = Self.common((bound.isEmpty ? all : bound).map(\.uid))
        let commonGroup = Self.common(gids)
        if let assertedUser {
            uid = assertedUser
            reason = "latchkey.dev/run-as-user says so"
        } else if let commonUser {
            uid = commonUser
            reason = "the containers with the files run as it"
        } else if let podUser, containers.contains(where: { ID.read($0.securityContext["runAsUser"]) == nil }) {
            uid = podUser
            reason = "the pod's securityContext says so"
        } else {
            uid = configuration.runAsUser.flatMap { UInt32(exactly: $0) }
            reason = uid == nil ? "its image decides" : "the operator's default"
        }
        gid = commonGroup ?? podGroup ?? configuration.runAsGroup.flatMap { UInt32(exactly: $0) }
        fileGroup = fsGroup ?? commonGroup ?? supplementalGroups.first
    }

    /// The narrowest mode that every reader can read.
    ///
    /// An application that starts as root often drops to another user later; group and others keep it readable then.
    var defaultMode: UInt32 { mode(for: readers) }

    /// The narrowest mode of a container's environment file that it can read.
    func mode(for container: ContainerView) -> UInt32 {
        others[ExactText(container.name)].map { mode(for: [$0]) } ?? 0o444
    }

    private func mode(for readers: [Reader]) -> UInt32 {
        let hasRoot = readers.contains { $0.uid == 0 }
        let candidates: [UInt32] = hasRoot ? (fileGroup == nil ? [] : [0o440]) : [0o400, 0o440]
        return candidates.first { mode in readers.allSatisfy { canRead($0, mode) } } ?? 0o444
    }

    /// A reader that could not read a file of this mode.
    func firstUnableToRead(_ mode: UInt32) -> Reader? {
        readers.first { !canRead($0, mode) }
    }

    /// What the agent runs as and why, for `explain`.
    var sentence: String {
        let user = uid.map { "uid \($0)" } ?? "its image's user"
        let group = fileGroup.map { "; files get the group \($0)" } ?? ""
        return "the agent runs as \(user) (\(reason))\(group)"
    }

    /// POSIX: the owner's bits alone count for the owner, the group's for a member, the others' for the rest. A reader
    /// who is not known could be any of them, and must be able to read as each.
    private func canRead(_ reader: Reader, _ mode: UInt32) -> Bool {
        if reader.readsEverything { return true }
        let ownerReads = mode & 0o400 != 0
        if let uid, reader.uid == uid { return ownerReads }
        if reader.uid == nil || uid == nil, !ownerReads { return false }
        let groupReads = mode & 0o040 != 0
        if let group = fileGroup ?? gid, reader.groups.contains(group) { return groupReads }
        return mode & 0o004 != 0 && (reader.gidIsKnown || groupReads)
    }

    /// The id that all have; nil where they differ or one has none.
    private static func common(_ ids: [UInt32?]) -> UInt32? {
        guard let first = ids.first, ids.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    private static func dropsReadEverything(_ capabilities: JSONValue?) -> Bool {
        func names(_ list: String) -> [String] {
            (capabilities?[list]?.array ?? []).compactMap { $0.string?.uppercased() }
        }
        let reading = ["DAC_OVERRIDE", "CAP_DAC_OVERRIDE", "DAC_READ_SEARCH", "CAP_DAC_READ_SEARCH"]
        if names("add").contains(where: { $0 == "ALL" || reading.contains($0) }) { return false }
        return names("drop").contains { $0 == "ALL" || $0 == "DAC_OVERRIDE" || $0 == "CAP_DAC_OVERRIDE" }
    }
}

/// A uid or gid in a pod: 0 to 2^31 - 1; anything else is refused by the apiserver's validation later.
enum ID {
    static func read(_ value: JSONValue?) -> UInt32? {
        guard let number = value?.int, 0...0x7FFF_FFFF ~= number else { return nil }
        return UInt32(number)
    }
}
