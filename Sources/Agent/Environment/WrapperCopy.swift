import Glibc
import SecretSpec

/// Brings `latchkey-exec` from the agent's image to the containers whose commands it starts.
enum WrapperCopy {
    /// Where it is, unless the variable says otherwise.
    static let defaultPath = "/latchkey-exec"
    static let variable = "LATCHKEY_EXEC"
    private static let limit = 4 << 20

    /// Does nothing where no container needs it, or the same bytes are there.
    static func install(_ plan: AgentPlan, environment: [String: String]) throws(AgentFailure) {
        guard let environments = plan.environments,
            environments.containers.contains(where: { $0.delivery == .exec })
        else { return }
        let bytes = try read(environment[variable] ?? defaultPath)
        let name = FileName(EnvironmentLayout.executable)
        let folder = FileName(EnvironmentLayout.executableDirectory)
        let directory = AtomicDirectory(path: "\(environments.directory)/\(folder)", group: nil)
        do throws(WriteError) {
            do throws(SystemError) {
                let root = try DirectoryHandle.open(environments.directory)
                try root.ensureDirectory(folder)
                let isThere = try bytes.withUnsafeBytes { bytes in
                    Result { () throws(SystemError) in
                        try root.openDirectory(folder).holds(name, mode: 0o555, bytes)
                    }
                }.get()
                if isThere { return }
            } catch {
                throw WriteError(error, in: AtomicDirectory(path: environments.directory, group: nil))
            }
            try bytes.withUnsafeBytes { bytes in
                Result { () throws(WriteError) in
                    try StagedFile(bytes, as: name, by: "..latchkey-exec.new", mode: 0o555, in: directory)
                }
            }.get().commit()
        } catch {
            throw AgentFailure(.write, "\(error)")
        }
    }

    private static func read(_ path: String) throws(AgentFailure) -> [UInt8] {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(path[...$0]) } ?? "."
        let name = FileName(slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path)
        do throws(SystemError) {
            return try DirectoryHandle.open(folder).read(name, limit: limit)
        } catch {
            throw AgentFailure(
                .write,
                "'\(path)', which starts the commands of containers with secrets in their environment, cannot be read "
                    + "(\(String(cString: strerror(error.code)))): use an agent image of this release as it is")
        }
    }
}
