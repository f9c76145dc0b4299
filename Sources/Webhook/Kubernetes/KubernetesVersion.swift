/// A version of Kubernetes, as far as it decides about features.
public struct KubernetesVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first version whose kubelets all run native sidecars (KEP-753: on by default since the beta of 1.29).
    public static let nativeSidecars = KubernetesVersion(major: 1, minor: 29)

    /// The first version whose kubelets fill variables from files (KEP-3721: on by default since the beta of 1.35).
    public static let fileKeyRef = KubernetesVersion(major: 1, minor: 35)

    /// The 1 of `v1.29.3`.
    public let major: Int
    /// The 29 of `v1.29.3`.
    public let minor: Int

    /// A version.
    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.29`, `v1.31.2` and what vendors put behind it: `v1.30.4-eks-a1b2`, `v1.29.3-gke.100`, `v1.31.2+k3s1`.
    public init?(parsing text: String) {
        let parts = text.utf8.drop { $0 == UInt8(ascii: "v") }.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.prefix(while: { $0 == UInt8(ascii: "v") }).count <= 1, parts.count == 2 else { return nil }
        let minor = parts[1].prefix(while: KubernetesVersion.isDigit)
        let rest = parts[1].dropFirst(minor.count)
        guard rest.first.map({ ".-+".utf8.contains($0) }) ?? true, rest.count != 1,
            let majorNumber = KubernetesVersion.number(parts[0]), let minorNumber = KubernetesVersion.number(minor)
        else { return nil }
        self.init(major: majorNumber, minor: minorNumber)
    }

    /// Whether kubelets of this version run native sidecars.
    public var runsNativeSidecars: Bool { self >= .nativeSidecars }

    /// Whether kubelets of this version fill variables from files.
    public var readsVariablesFromFiles: Bool { self >= .fileKeyRef }

    /// E.g. `1.29`.
    public var description: String { "\(major).\(minor)" }

    /// By major, then by minor.
    public static func < (left: KubernetesVersion, right: KubernetesVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    /// Few digits, and nothing else.
    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard 1...4 ~= digits.count, digits.allSatisfy(isDigit) else { return nil }
        return Int(Substring(digits))
    }
}
