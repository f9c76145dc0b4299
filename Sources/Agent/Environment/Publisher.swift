import SecretSpec
import VaultClient

/// Writes files and environments so that they change together as far as two volumes can: all are written whole before
/// the first one appears, and the files' `..data` is the last. So where that is there, everything is.
struct Publisher {
    /// What was published.
    struct Changes {
        /// At which paths files are others.
        var paths: [RelativePath] = []
        /// Whose environment is another.
        var containers: [String] = []
        /// Who asked for what has changed.
        var sources: Set<String> = []

        var isEmpty: Bool { paths.isEmpty && containers.isEmpty }

        /// How much, for the log.
        var summary: String {
            var parts: [String] = []
            if !paths.isEmpty { parts.append("\(paths.count) changed \(paths.count == 1 ? "file" : "files")") }
            if !containers.isEmpty { parts.append("the environment of \(containers.joined(separator: ", "))") }
            return parts.joined(separator: " and ")
        }
    }

    private let plan: AgentPlan
    private let directory: AtomicDirectory
    private let environments: EnvironmentStore?
    /// Of what is published, by container; nothing before this process has looked.
    private var fingerprints: [String: [PreparedEnvironment.Slot: Int]] = [:]

    init(_ plan: AgentPlan) {
        self.plan = plan
        directory = AtomicDirectory(plan)
        environments = EnvironmentStore(plan)
    }

    /// The name of the files' directory.
    var generation: String? { directory.generation }

    /// The same for a container's environment.
    func generation(ofContainer container: String) -> String? { environments?.generation(of: container) }

    /// What the published generation has for a file of the plan; nil where something is missing.
    func published(_ file: AgentPlan.File) -> [FileEntry]? { directory.entries(of: file) }

    /// Whether a container's environment is published.
    func hasPublished(_ environment: AgentPlan.Environment) -> Bool { environments?.has(environment) ?? false }

    /// Whether an earlier process has published everything, as far as the plan alone tells.
    /// - Parameter allowingRemoved: what the plan has may be missing, because its object was removed.
    func isComplete(allowingRemoved: Bool) -> Bool {
        guard !allowingRemoved else { return directory.generation != nil }
        return directory.hasPublished(plan.files.map(\.path)) && environments?.isComplete ?? true
    }

    /// Publishes what differs from what is there.
    /// - Parameter always: the files even where they do not differ.
    mutating func publish(
        _ files: [FileEntry], _ prepared: [PreparedEnvironment], always: Bool = false
    ) throws(WriteError) -> Changes {
        var changes = Changes()
        changes.paths = directory.changes(to: files)
        // The directory's lock keeps another agent out, so it comes first and is committed last.
        let staged = always || !changes.paths.isEmpty ? try directory.stage(files) : nil
        let changed = prepared.filter { environments?.isChanged($0) ?? false }
        var writes: [any StagedWrite] = []
        for environment in changed {
            if let write = try environments?.stage(environment) { writes.append(write) }
        }
        for write in writes { try write.commit() }
        try staged?.commit()
        changes.containers = changed.map(\.container)
        changes.sources = Set(plan.files.map(\.source)).intersection(changes.paths.flatMap(plan.sources))
        for environment in changed {
            changes.sources.formUnion(environment.changedSources(since: fingerprints[environment.container]))
        }
        for environment in prepared { fingerprints[environment.container] = environment.fingerprints }
        return changes
    }
}
