/// Where the version comes from that decides about the shape of pods.
public enum ClusterVersion: Sendable, Equatable, CustomStringConvertible {
    /// From the nodes.
    case auto
    /// From the operator.
    case version(KubernetesVersion)

    /// What ``init(parsing:)`` takes, as the end of a sentence.
    public static let accepted = "`auto`, or a version such as `1.29` or `v1.31.2`"

    /// Reads `auto` or a version.
    public init?(parsing text: String) {
        if text == "auto" {
            self = .auto
        } else if let version = KubernetesVersion(parsing: text) {
            self = .version(version)
        } else {
            return nil
        }
    }

    /// `auto` or `1.29`.
    public var description: String {
        switch self {
        case .auto: "auto"
        case .version(let version): version.description
        }
    }
}
