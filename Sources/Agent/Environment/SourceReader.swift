import Glibc
import SecretSpec
import VaultClient

/// Reads ConfigMaps and Secrets as the kubelet lays them out: `..data` leads to one state of all keys.
struct SourceReader {
    /// An object of Kubernetes has 1 MiB at most.
    private static let limit = 2 << 20
    /// How often a state may be replaced while it is read.
    private static let tries = 5

    /// One key.
    struct Value: Sendable {
        let key: String
        let bytes: SecretBytes
    }

    /// Containers share sources; all see one state.
    private var known: [String: [Value]] = [:]

    /// The keys of a source in their order.
    mutating func values(of source: AgentPlan.Environment.Source) throws(SystemError) -> [Value] {
        let all: [Value]
        if let values = known[source.directory] { all = values } else { all = try Self.read(source.directory) }
        known[source.directory] = all
        guard let keys = source.keys else { return all }
        return all.filter { value in keys.contains { $0.utf8.elementsEqual(value.key.utf8) } }
    }

    private static func read(_ directory: String) throws(SystemError) -> [Value] {
        let root = try DirectoryHandle.open(directory)
        var tries = tries
        while true {
            // Where the object is optional and missing, there is none.
            guard let state = root.target(of: AtomicDirectory.current) else { return [] }
            do throws(SystemError) {
                return try read(root.openDirectory(state))
            } catch {
                tries -= 1
                // The kubelet removes a state that it has replaced.
                guard error.code == ENOENT, tries > 0 else { throw error }
            }
        }
    }

    private static func read(_ directory: consuming DirectoryHandle) throws(SystemError) -> [Value] {
        var values: [Value] = []
        for name in try directory.names().sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            values.append(Value(key: name.description, bytes: try directory.readSecret(name, limit: limit)))
        }
        return values
    }
}
