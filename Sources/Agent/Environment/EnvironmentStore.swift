import SecretSpec
import VaultClient

/// The volume of the containers' environments; see ``EnvironmentLayout``.
struct EnvironmentStore {
    private let plan: AgentPlan
    private let environments: AgentPlan.Environments

    /// Nil where the plan has no environments.
    init?(_ plan: AgentPlan) {
        guard let environments = plan.environments else { return nil }
        self.plan = plan
        self.environments = environments
    }

    /// Whether every container has its file.
    var isComplete: Bool { environments.containers.allSatisfy(has) }

    /// Whether a container has its file.
    func has(_ environment: AgentPlan.Environment) -> Bool {
        switch environment.delivery {
        case .exec: directory(of: environment.container).hasPublished([Self.file].compactMap { $0 })
        case .kubelet: (try? root().kind(of: Self.kubeletFile(of: environment.container))) ?? nil != nil
        case .none: true
        }
    }

    /// A name of what a container has now, which changes with it; nil where it has nothing.
    func generation(of container: String) -> String? {
        directory(of: container).generation ?? (try? root())?.stamp(of: Self.kubeletFile(of: container))
    }

    /// Whether a container's file is another one than this.
    func isChanged(_ prepared: PreparedEnvironment) -> Bool {
        switch prepared.environment.delivery {
        case .exec:
            let directory = directory(of: prepared.container)
            return directory.generation == nil || !directory.changes(to: entries(prepared)).isEmpty
        case .kubelet:
            guard let root = try? root() else { return true }
            let name = Self.kubeletFile(of: prepared.container)
            guard let bytes = prepared.bytes else { return (try? root.kind(of: name)) ?? nil != nil }
            return !bytes.withUnsafeBytes { root.holds(name, mode: prepared.environment.mode, $0) }
        case .none: return false
        }
    }

    /// Writes a container's file so that committing makes it visible.
    func stage(_ prepared: PreparedEnvironment) throws(WriteError) -> any StagedWrite {
        guard prepared.environment.delivery == .exec else { return try stageKubeletFile(prepared) }
        let directory = directory(of: prepared.container)
        do throws(SystemError) {
            try root().ensureDirectory(FileName(prepared.container))
        } catch {
            throw WriteError(error, in: AtomicDirectory(path: environments.directory, group: plan.group))
        }
        return try directory.stage(entries(prepared))
    }

    private func stageKubeletFile(_ prepared: PreparedEnvironment) throws(WriteError) -> any StagedWrite {
        let name = Self.kubeletFile(of: prepared.container)
        let directory = AtomicDirectory(path: environments.directory, group: plan.group)
        let temporary = FileName("..\(prepared.container).env.new")
        let mode = prepared.environment.mode
        guard let bytes = prepared.bytes else {
            return try StagedFile(nil, as: name, by: temporary, mode: mode, in: directory)
        }
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(WriteError) in
                try StagedFile(bytes, as: name, by: temporary, mode: mode, in: directory)
            }
        }.get()
    }

    private static let file = RelativePath(EnvironmentLayout.file)

    private static func kubeletFile(of container: String) -> FileName {
        FileName(EnvironmentLayout.kubeletFile(of: container))
    }

    private func root() throws(SystemError) -> DirectoryHandle {
        try DirectoryHandle.open(environments.directory)
    }

    private func directory(of container: String) -> AtomicDirectory {
        AtomicDirectory(path: "\(environments.directory)/\(container)", group: plan.group)
    }

    private func entries(_ prepared: PreparedEnvironment) -> [FileEntry] {
        guard let path = Self.file, let bytes = prepared.bytes else { return [] }
        return [FileEntry(path: path, mode: prepared.environment.mode, bytes: bytes)]
    }
}

extension DirectoryHandle {
    /// Makes a directory that everybody may read, where it is missing.
    func ensureDirectory(_ name: FileName) throws(SystemError) {
        guard try kind(of: name) != .directory else { return }
        try makeDirectory(name).allowReading()
    }
}
