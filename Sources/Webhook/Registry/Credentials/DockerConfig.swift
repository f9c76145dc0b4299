import JSON
public import VaultClient

/// The credentials of a pull secret, and which of them the kubelet would try for an image.
///
/// Matching is the kubelet's (https://kubernetes.io/docs/concepts/containers/images/#config-json): keys are hosts with
/// `*` and `?` inside of labels, a port, and the beginning of a path; a longer key comes first.
public struct DockerConfig: Sendable {
    /// The largest content of a Secret.
    private static let maximumBytes = 1 << 20
    /// Entries of one secret that are looked at.
    private static let maximumEntries = 1000
    /// The key under which Docker itself keeps Docker Hub's credential, scheme and path taken away.
    private static let dockerHubKey = "index.docker.io"

    private struct Entry: Sendable {
        let key: String
        let credential: RegistryCredential
    }

    private let entries: [Entry]

    /// What a Secret holds under `.dockerconfigjson` (type `kubernetes.io/dockerconfigjson`).
    public init(dockerConfigJSON content: SecretBytes) throws(DockerConfigProblem) {
        try self.init(try Self.parse(content)["auths"] ?? .object(JSONObject()))
    }

    /// What a Secret holds under `.dockercfg` (type `kubernetes.io/dockercfg`, the older form).
    public init(dockercfg content: SecretBytes) throws(DockerConfigProblem) {
        try self.init(try Self.parse(content))
    }

    private init(_ auths: JSONValue) throws(DockerConfigProblem) {
        guard let members = auths.object?.members else { throw .notAnObject }
        guard members.count <= Self.maximumEntries else { throw .tooManyEntries }
        var entries: [Entry] = []
        for member in members {
            guard let credential = try DockerConfigEntry.credential(member.value) else { continue }
            entries.append(Entry(key: Self.key(member.name), credential: credential))
        }
        self.entries = entries
    }

    private static func parse(_ content: SecretBytes) throws(DockerConfigProblem) -> JSONValue {
        guard content.count <= maximumBytes else { throw .tooLarge }
        let document = content.withUnsafeBytes { try? JSONValue(parsing: $0.bindMemory(to: UInt8.self)) }
        guard let document else { throw .notJSON }
        return document
    }

    /// The credentials for an image in the order in which the kubelet tries them.
    static func credentials(for image: ImageReference, in configs: [DockerConfig]) -> [RegistryCredential] {
        let entries = configs.flatMap(\.entries)
        // Sorting is not stable in itself; entries of one key keep their order.
        let matching = entries.enumerated().filter { matches(image, $0.element.key) }.sorted {
            $0.element.key == $1.element.key ? $0.offset < $1.offset : $0.element.key > $1.element.key
        }.map(\.element)
        let isDockerHub = image.host == ImageReference.dockerHub
        let found = !matching.isEmpty || !isDockerHub ? matching : entries.filter { $0.key == dockerHubKey }
        var seen: Set<RegistryCredential.Identity> = []
        return found.map(\.credential).filter { seen.insert($0.identity).inserted }
    }

    private static func matches(_ image: ImageReference, _ key: String) -> Bool {
        let slash = key.firstIndex(of: "/") ?? key.endIndex
        let path = key[slash...]
        return "/\(image.repository)".hasPrefix(path) && RegistryHost.matches(image.host, String(key[..<slash]))
    }

    /// A key without its scheme, and without the path that stands for a registry as a whole.
    private static func key(_ name: String) -> String {
        let scheme = ["https://", "http://"].first { name.hasPrefix($0) } ?? ""
        let rest = name.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        var path = rest[host.endIndex...]
        if path.hasPrefix("/v1/") || path.hasPrefix("/v2/") { path = path.dropFirst(3) }
        return path == "/" ? String(host) : String(host + path)
    }
}
